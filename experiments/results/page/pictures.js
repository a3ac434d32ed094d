// Pictures of one run at a time (events, layers, phases), and of the totals of all runs.

/**
 * A choice of one run among those for which `has(group, run)`; with `means`, of a group's mean over its seeds too.
 * Hidden where there is nothing to choose. `now()` is {group, k, run}; run is null for a mean.
 */
function runSelect(caption, has, means) {
  const choices = data.groups.flatMap((group, k) => {
    const runs = group.runs.filter(run => has(group, run)).map(run => ({group, k, run, text: `${group.label}, seed ${run.seed}`}));
    if (group.seeds.length === 1) return runs.map(each => ({...each, text: group.label}));
    return runs.length && means ? [{group, k, run: null, text: `${group.label}, mean of ${group.seeds.length} seeds`}, ...runs] : runs;
  });
  const select = html('select', {});
  choices.forEach(({text}, i) => option(select, i, text));
  caption.append(html('label', {class: 'inline'}, 'run ', select));
  select.parentElement.hidden = choices.length < 2;
  return {select, now: () => choices[Number(select.value || 0)]};
}

const hasLayers = ({lines: [{metric}]}) => (_, run) => run.layers[metric] && run.layers[metric].time.length > 0;
const hasPhases = ({lines: [{metric}]}) => (_, run) => run.phases[metric] && run.phases[metric].length > 0;
const someRun = has => data.groups.some(group => group.runs.some(run => has(group, run)));
/** Whether there is something to draw in figures that are not made of curves. */
const showsRuns = {layers: figure => someRun(hasLayers(figure)), phases: figure => someRun(hasPhases(figure)), totals: () => data.groups.some(({totals}) => Object.keys(totals).length)};

// ---- Lines with what happened --------------------------------------------------------------------

/** A metric of one run, or its mean over the group's seeds. */
function seriesOf({group, run}, metric) {
  const curve = group.curves[metric];
  if (run === null || group.runs.length === 1) return curve && {step: curve.step, x: curve[chosen.axis], y: curve.mean, half: $('bands').checked ? curve.half : null};
  const rows = run.rows[metric];
  return rows && {step: rows.step, x: rows[chosen.axis], y: rows.value};
}
/** The events of one run; of a group's mean, those that all its runs have in the same step. */
function eventsOf({group, run}, metric) {
  if (run !== null) {
    const rows = run.rows[metric];
    return rows ? {x: rows[chosen.axis], time: rows.time, value: rows.value, all: rows.all} : null;
  }
  const of = group.runs.map(each => each.rows[metric]);
  if (!of.every(Boolean)) return null;
  const places = of[0].step.map(step => of.map(rows => rows.step.indexOf(step)));
  const common = places.filter(each => each.every(place => place >= 0));
  const mean = key => common.map(each => each.reduce((sum, place, r) => sum + of[r][key][place], 0) / of.length);
  return {x: mean(chosen.axis), time: mean('time'), value: mean('value'), all: common.length};
}
function withEvents(box, caption, {y, lines, events}) {
  const first = lines.find(({metric}) => knows(metric)), info = infoOf(first.metric);
  const choice = runSelect(caption, group => lines.some(({metric}) => group.curves[metric]), true);
  const kinds = events.map((event, kind) => ({...event, kind, label: event.label || infoOf(event.metric).label}))
    .filter(({metric}) => data.groups.some(({runs}) => runs.some(({rows}) => rows[metric])));
  const hidden = new Set();
  if (lines.length > 1) caption.append(html('span', {class: 'aside'}, strokeNames(lines)));
  const keys = box.appendChild(html('div', {class: 'legend', role: 'group', 'aria-label': 'What is marked'}));
  const note = html('p', {class: 'note'}, '');
  const shownEvents = () => kinds.filter(({kind}) => !hidden.has(kind)).map(each => ({...each, ...(eventsOf(choice.now(), each.metric) || {x: [], time: [], value: [], all: 0})}));
  const redraw = chart(box, width => {
    const now = choice.now(), [xName, , xUnit] = axes[chosen.axis];
    const drawnLines = lines.map((line, i) => ({...line, dash: dashes[i % 4], of: seriesOf(now, line.metric)})).filter(({of}) => of)
      .map(({label, dash, of}) => ({name: label || info.label, slot: now.k % 8, dash, x: of.x, y: of.y, steps: of.step, half: of.half}));
    const along = drawnLines.length ? drawnLines[0].x : [];
    const from = $('later').checked && along.length ? along[Math.floor(along.length / 2)] : -Infinity;
    const marked = shownEvents();
    for (const button of keys.children) {
      const {metric} = kinds.find(({kind}) => String(kind) === button.dataset.kind);
      const of = eventsOf(now, metric), some = of && of.x.length < of.all ? `, ${of.x.length} marked` : '';
      button.lastChild.textContent = ` (${of ? of.all : 0}${some})`;
    }
    note.textContent = now.run === null ? `Marked is what all seeds have in the same ${step}; choose a seed to see what happened in its run.` : '';
    return lineChart({xName, xUnit, yName: y, yUnit: info.unit, clamp: clampOf(info), lines: drawnLines.map(line => later(line, from)), xWhole: chosen.axis === 'step',
      events: marked.map(each => ({...each, ...later({x: each.x, time: each.time, value: each.value}, from)})), pointName: (line, i) => `${step} ${line.steps[i]}` + (chosen.axis === 'step' ? '' : ` · ${readable(line.x[i], xUnit)}`)}, width);
  }, () => ({head: ['virtual time', 'what', 'value'],
    rows: shownEvents().flatMap(({label, time, value}) => time.map((at, i) => ({at, cells: [readable(at, 's'), label, brief(value[i])]}))).sort((a, b) => a.at - b.at).map(({cells}) => cells)}));
  kinds.forEach(({kind, label, metric}) => {
    const button = html('button', {type: 'button', 'data-kind': kind, 'aria-pressed': 'true', title: infoOf(metric).meaning},
      glyphKey(kind), label, html('span', {class: 'count'}, ''));
    button.addEventListener('click', () => {
      hidden.has(kind) ? hidden.delete(kind) : hidden.add(kind);
      button.setAttribute('aria-pressed', String(!hidden.has(kind)));
      redraw();
    });
    keys.append(button);
  });
  box.append(note);
  choice.select.addEventListener('change', redrawAll);
  redraw();
}
/** The part of a line from `from` on. */
function later(line, from) {
  const kept = line.x.map((_, i) => i).filter(i => line.x[i] >= from);
  return Object.fromEntries(Object.entries(line).map(([key, of]) => [key, Array.isArray(of) && of.length === line.x.length ? kept.map(i => of[i]) : of]));
}

// ---- Layers -----------------------------------------------------------------------------------------

function layersFigure(box, caption, figure) {
  const {y, lines: [{metric, label}]} = figure, info = infoOf(metric), name = label || info.label;
  const choice = runSelect(caption, hasLayers(figure), false);
  const keys = box.appendChild(html('div', {class: 'legend'}));
  const redraw = chart(box, width => {
    const {run} = choice.now(), {time, layers} = run.layers[metric];
    const numbers = [...new Set(layers.flatMap(list => list.map(([number]) => number)))].sort((a, b) => a - b);
    keys.replaceChildren(...(numbers.length > 16 ? [html('span', {class: 'key'}, `${name} ${numbers[0]} to ${numbers[numbers.length - 1]}, the newest on top`)] :
      numbers.map(number => html('span', {class: 'key'}, html('span', {class: `box solid s${(number - 1) % 8}`}), `${name} ${number}`))));
    return layersChart({time: [...time, Math.max(run.ended, time[time.length - 1])], layers, name, y, info}, width);
  }, () => {
    const {time, layers} = choice.now().run.layers[metric];
    return {head: ['virtual time', name, y], rows: time.flatMap((at, i) => layers[i].map(([number, height]) => [readable(at, 's'), String(number), readable(height, info.unit)]))};
  });
  choice.select.addEventListener('change', redrawAll);
  return redraw;
}
function layersChart({time, layers, name, y: yName, info}, width) {
  const height = Math.round(Math.min(360, Math.max(250, width * 0.58)));
  const sums = layers.map(list => list.reduce((sum, [, value]) => sum + value, 0));
  const from = frame(width, height, {xs: [0, time[time.length - 1]], ys: [0, ...(finite(info.most) ? [info.most] : sums)], xName: 'virtual time', yName, xUnit: 's', yUnit: info.unit,
    yClamp: clampOf(info) || [0, Infinity], xTight: true});
  const {root, x, y} = from;
  root.setAttribute('aria-label', `${yName} against virtual time; at the end: ` + layers[layers.length - 1].map(([number, value]) => `${name} ${number} ${readable(value, info.unit)}`).join(', '));
  const paths = new Map(), open = new Map();
  const close = (number, until) => {
    const {since, low, high} = open.get(number);
    paths.set(number, (paths.get(number) || '') + `M${since} ${low}H${until}V${high}H${since}Z`);
    open.delete(number);
  };
  layers.forEach((list, i) => {
    const at = x.place(time[i]).toFixed(1);
    let sum = 0;
    const now = new Map(list.map(([number, value]) => [number, {since: at, low: y.place(sum).toFixed(1), high: y.place(sum += value).toFixed(1)}]));
    for (const [number, {low, high}] of [...open]) {
      const next = now.get(number);
      next && next.low === low && next.high === high ? now.delete(number) : close(number, at);
    }
    for (const [number, each] of now) open.set(number, each);
  });
  for (const number of [...open.keys()]) close(number, x.place(time[time.length - 1]).toFixed(1));
  for (const [number, d] of paths) root.append(svg('path', {class: `layer s${(number - 1) % 8}`, d}));
  hoverMoments(from, time, i => layers[Math.min(i, layers.length - 1)].slice().reverse().map(([number, value]) => tipEntry((number - 1) % 8, `${name} ${number}`, readable(value, info.unit))));
  return root;
}
/** A guide at the last moment before the pointer, or at the one that the arrow keys choose. */
function hoverMoments({root, x, left, right, top, bottom}, time, entries) {
  const guide = svg('line', {class: 'guide', y1: top, y2: bottom, visibility: 'hidden'});
  root.append(guide);
  let focus = -1;
  const show = (i, place, event) => {
    focus = i;
    guide.setAttribute('x1', place);
    guide.setAttribute('x2', place);
    guide.setAttribute('visibility', 'visible');
    showTip(event, html('div', {class: 'when'}, `from ${readable(time[i], 's')} on`), ...entries(i));
  };
  const leave = () => {
    guide.setAttribute('visibility', 'hidden');
    hideTip();
  };
  root.addEventListener('pointermove', event => {
    const box = root.getBoundingClientRect();
    const pixel = (event.clientX - box.left) * (root.viewBox.baseVal.width / box.width);
    let i = time.length - 1;
    while (i > 0 && x.place(time[i]) > pixel) --i;
    if (pixel < left || pixel > right || x.place(time[i]) > pixel) return leave();
    show(i, pixel, event);
  });
  root.addEventListener('pointerleave', leave);
  root.addEventListener('blur', leave);
  root.addEventListener('keydown', event => {
    const move = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!move) return;
    event.preventDefault();
    const i = Math.max(0, Math.min(time.length - 1, focus + move)), box = root.getBoundingClientRect();
    show(i, x.place(time[i]), {clientX: box.left + x.place(time[i]) * box.width / root.viewBox.baseVal.width, clientY: box.top + 40});
  });
}

// ---- Phases -------------------------------------------------------------------------------------------

function phasesFigure(box, caption, figure) {
  const {y, lines} = figure, key = lines[0].metric;
  const choice = runSelect(caption, hasPhases(figure), false);
  const steps = html('select', {});
  caption.append(html('label', {class: 'inline'}, 'number ', steps));
  const aside = caption.appendChild(html('span', {class: 'aside'}, ''));
  const all = () => choice.now().run.phases[key];
  const now = () => all().find(each => String(each.step) === steps.value);
  const refill = () => {
    steps.replaceChildren();
    all().forEach(each => option(steps, each.step, String(each.step)));
    const fullest = all().reduce((best, each) => each.bars.length > best.bars.length ? each : best);
    steps.value = String(fullest.step);
  };
  refill();
  const known = new Set(data.groups.flatMap(({runs}) => runs.flatMap(run => (run.phases[key] || []).flatMap(({bars}) => bars.map(([metric]) => metric)))));
  const names = Object.fromEntries(lines.map(({metric, label}, i) => [metric, {label: label || infoOf(metric).label, slot: i % 8}]).filter(([metric]) => known.has(metric)));
  const redraw = chart(box, width => {
    const {bars, began} = now(), ended = Math.max(...bars.map(([, , end]) => end));
    aside.textContent = `from ${readable(began, 's')} on, ${readable(ended, 's')} in all`;
    return phasesChart(bars.map(([metric, begin, end]) => ({...names[metric], begin, end})), Object.values(names), y, width);
  }, () => ({head: ['phase', 'from (s)', 'to (s)'], rows: now().bars.map(([metric, begin, end]) => [names[metric].label, digits(begin), digits(end)])}));
  choice.select.addEventListener('change', () => { refill(); redrawAll(); });
  steps.addEventListener('change', redrawAll);
}
function phasesChart(bars, names, xName, width) {
  const pitch = 30, top = 6, bottom = top + names.length * pitch, height = bottom + 44;
  const left = 16 + 7 * Math.max(...names.map(({label}) => label.length)), right = width - 70;
  const x = axis([0, ...bars.map(({end}) => end)], left, right, {unit: 's', wanted: Math.max(2, Math.round((right - left) / 80)), tight: true});
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': bars.map(({label, begin, end}) => `${label}: ${readable(end - begin, 's')}`).join('; ')});
  names.forEach(({label}, i) => root.append(svg('rect', {class: 'row', x: left, y: top + i * pitch + 3, width: right - left, height: pitch - 6, rx: 2}),
    svg('text', {x: left - 8, y: top + (i + 0.5) * pitch + 4, 'text-anchor': 'end'}, label)));
  for (const {label, slot, begin, end} of bars) {
    const row = names.findIndex(each => each.label === label), y = top + row * pitch;
    const bar = svg('rect', {class: `bar s${slot}`, x: x.place(begin), y: y + 5, width: Math.max(2, x.place(end) - x.place(begin)), height: pitch - 10, rx: 2});
    const say = event => showTip(event, html('div', {}, html('strong', {}, label), ` ${readable(end - begin, 's')}`), html('div', {class: 'when'}, `${readable(begin, 's')} to ${readable(end, 's')} ${xName}`));
    bar.addEventListener('pointermove', say);
    bar.addEventListener('pointerleave', hideTip);
    root.append(bar, svg('text', {class: 'tag', x: x.place(end) + 6, y: y + pitch / 2 + 4}, readable(end - begin, 's')));
  }
  for (const tick of x.ticks) root.append(svg('line', {class: 'base', x1: tick.at, x2: tick.at, y1: bottom, y2: bottom + 4}), svg('text', {x: tick.at, y: bottom + 18, 'text-anchor': 'middle'}, tick.text));
  root.append(svg('line', {class: 'base', x1: left, x2: right, y1: bottom, y2: bottom}),
              svg('text', {class: 'axis', x: (left + right) / 2, y: bottom + 38, 'text-anchor': 'middle'}, titled(xName, x.name)));
  return root;
}

// ---- Totals -------------------------------------------------------------------------------------------

function totalsFigure(box, caption, {lines}) {
  const metrics = lines.length ? lines : Object.keys(data.metrics).filter(metric => infoOf(metric).cost).map(metric => ({metric, label: ''}));
  const rows = metrics.map(({metric, label}) => ({metric, info: infoOf(metric), label: label || infoOf(metric).label,
    bars: data.groups.map((group, k) => ({group, k, total: group.totals[metric], parts: group.runs.length === 1 ? group.runs[0].parts[metric] : null})).filter(({total}) => total)})).filter(({bars}) => bars.length);
  chart(box, width => totalsChart(rows.map(row => ({...row, bars: row.bars.filter(shown)})), width), () => ({head: ['', ...data.groups.map(({label}) => label)],
    rows: rows.map(({metric, label, info}) => [label, ...data.groups.map(({totals}) => totals[metric] ? plusMinus(totals[metric].mean, totals[metric].half, info.unit) : '–')])}));
}
function totalsChart(rows, width) {
  const thick = 15, gap = 20, left = 16 + 6.6 * Math.max(...rows.map(({label}) => label.length)), right = width - 140;
  const height = rows.reduce((sum, {bars}) => sum + bars.length * (thick + 3) + gap, 6);
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': rows.map(({label, info, bars}) =>
    `${label}: ` + bars.map(({total}) => readable(total.mean, info.unit)).join(', ')).join('; ')});
  let y = 6;
  for (const {label, info, bars} of rows) {
    const most = Math.max(1e-300, ...bars.map(({total}) => total.mean + (finite(total.half) ? total.half : 0)));
    const place = value => left + Math.max(0, value) / most * (right - left);
    root.append(svg('text', {x: left - 8, y: y + bars.length * (thick + 3) / 2 + 3, 'text-anchor': 'end'}, label));
    for (const {group, k, total, parts} of bars) {
      const pieces = parts || [total.mean];
      let sum = 0;
      pieces.forEach((piece, i) => {
        const bar = svg('rect', {class: `bar s${k % 8}${i % 2 ? ' second' : ''}`, x: place(sum), y, width: Math.max(0, place(sum + piece) - place(sum)), height: thick});
        sum += piece;
        bar.addEventListener('pointermove', event => showTip(event, tipEntry(k % 8, group.label, plusMinus(total.mean, total.half, info.unit)),
          html('div', {class: 'when'}, parts ? `part ${i + 1} of ${parts.length}: ${readable(piece, info.unit)}` : label)));
        bar.addEventListener('pointerleave', hideTip);
        root.append(bar);
      });
      if (finite(total.half)) root.append(svg('line', {class: 'whisker', x1: place(total.mean - total.half), x2: place(total.mean + total.half), y1: y + thick / 2, y2: y + thick / 2}));
      root.append(svg('text', {class: 'tag', x: place(total.mean + (finite(total.half) ? total.half : 0)) + 6, y: y + thick - 3}, plusMinus(total.mean, total.half, info.unit)));
      y += thick + 3;
    }
    y += gap;
  }
  return root;
}
