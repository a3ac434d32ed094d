// The report's sections: they draw the page's data and offer the reader's choices.
const data = JSON.parse($('data').textContent);

// ---- What the reader chose --------------------------------------------------------------------------

const step = data.step;  // what a step is called: "round"
const upper = text => text.charAt(0).toUpperCase() + text.slice(1);
const axes = {step: [step, upper(step), '1'], time: ['virtual time', 'Virtual time', 's'], bytes: ['bytes on the wire, up and down', 'Bytes', 'bytes']};
const chosen = {axis: 'step', hidden: new Set()};
const curveOf = (group, metric) => group.curves[metric];
const several = data.groups.some(group => group.seeds.length > 1);
const knows = metric => data.groups.some(group => curveOf(group, metric));
const infoOf = metric => data.metrics[metric] || {label: metric, unit: '1', meaning: ''};
const hasBytes = data.groups.some(group => Object.values(group.curves).some(curve => curve.bytes.some(value => value > 0)));

function linesOf(metric) {
  return data.groups.flatMap((group, k) => {
    const curve = curveOf(group, metric);
    if (!curve || chosen.hidden.has(k)) return [];
    const from = $('later').checked ? Math.floor(curve.step.length / 2) : 0;
    const part = values => values && values.slice(from);
    return [{name: group.label, slot: k % 8, dash: dashOf(k), x: part(curve[chosen.axis]), y: part(curve.mean), steps: part(curve.step),
             half: $('bands').checked ? part(curve.half) : null, seeds: $('seeds').checked && curve.seeds ? curve.seeds.map(part) : null}];
  });
}
/** The range beyond which an axis need not extend; null if there is none. */
const clampOf = info => finite(info.least) || finite(info.most) ? [info.least ?? -Infinity, info.most ?? Infinity] : null;
function metricSpec(metric, log) {
  const info = infoOf(metric);
  const [xName, , xUnit] = axes[chosen.axis];
  return {xName, xUnit, yName: info.label, yUnit: info.unit, log, clamp: clampOf(info),
    lines: linesOf(metric), xWhole: chosen.axis === 'step', pointName: (line, i) => `${step} ${line.steps[i]}` + (chosen.axis === 'step' ? '' : ` · ${readable(line.x[i], xUnit)}`)};
}
function metricTable(metric) {
  const info = infoOf(metric);
  const groups = data.groups.filter(group => curveOf(group, metric));
  const longest = groups.map(group => curveOf(group, metric).step).reduce((a, b) => b.length > a.length ? b : a, []);
  const stride = Math.max(1, Math.ceil(longest.length / 60));
  const steps = longest.filter((step, i) => i % stride === 0 || i === longest.length - 1);
  return {head: [step, ...groups.map(group => group.label)], rows: steps.map(step => [String(step), ...groups.map(group => {
    const curve = curveOf(group, metric), i = curve.step.indexOf(step);
    return i < 0 ? '' : plusMinus(curve.mean[i], curve.half ? curve.half[i] : null, info.unit);
  })])};
}

function option(select, value, text) { select.append(html('option', {value}, text)); }
/** Buttons that show and hide runs; the same choice holds in every section. */
function legend(place) {
  if (data.groups.length < 2) return;
  data.groups.forEach((group, k) => {
    const button = html('button', {type: 'button', 'data-run': k, 'aria-pressed': 'true'}, html('span', {class: swatchOf(k)}), group.label);
    button.addEventListener('click', () => {
      chosen.hidden.has(k) ? chosen.hidden.delete(k) : chosen.hidden.add(k);
      for (const each of document.querySelectorAll(`button[data-run="${k}"]`)) each.setAttribute('aria-pressed', String(!chosen.hidden.has(k)));
      redrawAll();
    });
    place.append(button);
  });
}
const shown = ({k}) => !chosen.hidden.has(k);

// ---- Sections ------------------------------------------------------------------------------------------

/** The reader's choices for all pictures over the steps. */
function pictureControls() {
  $('pictures').hidden = false;
  const buttons = Object.entries(axes).filter(([key]) => key !== 'bytes' || hasBytes).map(([key, [, title]]) => {
    const button = html('button', {type: 'button', role: 'radio', 'aria-checked': String(key === chosen.axis)}, title);
    button.addEventListener('click', () => {
      chosen.axis = key;
      buttons.forEach(each => each.setAttribute('aria-checked', String(each === button)));
      redrawAll();
    });
    return button;
  });
  $('axis').append(...buttons);
  $('bands-label').hidden = $('seeds-label').hidden = !several;
  for (const id of ['bands', 'seeds', 'later']) $(id).addEventListener('change', redrawAll);
  legend($('legend'));
  const notes = [];
  if (several) notes.push(`Lines are means over seeds, up to the last ${step} that every seed reached; time and bytes are means too.`);
  if (hasBytes) notes.push('Bytes are whole messages on the wire, up and down together, since the start.');
  $('pictures-note').textContent = notes.join(' ');
}

/** The sections that the runs declare: pictures, and a table with one row per step. */
function declaredSections() {
  const known = figure => showsRuns[figure.drawn] ? showsRuns[figure.drawn](figure) : figure.lines.some(({metric}) => knows(metric)) && (!figure.x || knows(figure.x));
  const sections = data.sections.map(section => ({...section, figures: section.figures.filter(known), columns: section.columns.filter(knows)}))
    .filter(({figures, columns}) => figures.length || columns.length);
  if (sections.some(({figures}) => figures.some(figure => !figure.x && figure.drawn === 'lines'))) pictureControls();
  sections.forEach(({title, note, figures, columns}, number) => {
    const id = `section-${number}`;
    const place = html('section', {'aria-labelledby': id}, html('h2', {id}, title));
    $('sections').append(place);
    if (note) place.append(html('p', {class: 'note'}, note));
    if (figures.some(figure => figure.x)) legend(place.appendChild(html('div', {class: 'legend', role: 'group', 'aria-label': 'Runs shown'})));
    const pair = place.appendChild(html('div', {class: figures.length > 1 ? 'pair' : ''}));
    for (const figure of figures) drawFigure(pair, figure);
    if (columns.length) place.append(tableOf(stepTable(columns)));
  });
}
function drawFigure(place, figure) {
  const caption = html('figcaption', {}, html('span', {}, figure.title));
  const box = place.appendChild(html('figure', {class: figure.events.length && figure.drawn === 'lines' ? 'wide' : ''}, caption));
  const drawRuns = {layers: layersFigure, phases: phasesFigure, totals: totalsFigure}[figure.drawn];
  if (drawRuns) return drawRuns(box, caption, figure);
  if (figure.events.length) return withEvents(box, caption, figure);
  if (figure.x) return overMetric(box, caption, figure);
  if (figure.lines.length > 1) return severalLines(box, caption, figure);
  const [{metric}] = figure.lines;
  const log = html('input', {type: 'checkbox'});
  if (infoOf(metric).unit !== 'share') caption.append(html('label', {class: 'inline'}, log, ' log scale'));
  const redraw = chart(box, width => lineChart(metricSpec(metric, log.checked), width), () => metricTable(metric));
  log.addEventListener('change', redraw);
}
const strokes = ['solid', 'dashed', 'dotted', 'dash-dotted'];
const strokeNames = lines => lines.map(({label, deviation}, i) => `${strokes[i % 4]}: ${label}${deviation ? ', shaded: one standard deviation' : ''}`).join(' · ');

/** Several lines of one run at a time, over the steps. */
function severalLines(box, caption, {y, lines}) {
  const [first] = lines;
  const groups = data.groups.map((group, k) => ({group, k})).filter(({group}) => lines.some(({metric}) => group.curves[metric]));
  caption.append(html('span', {class: 'aside'}, strokeNames(lines)));
  const select = html('select', {});
  caption.append(html('label', {class: 'inline'}, 'run ', select));
  const redraw = chart(box, width => {
    const k = Number(select.value || groups[0].k), {curves} = data.groups[k];
    const [xName, , xUnit] = axes[chosen.axis], info = infoOf(first.metric);
    const shownLines = lines.map((line, i) => ({...line, dash: dashes[i % 4], curve: curves[line.metric]})).filter(({curve}) => curve)
      .map(({label, deviation, dash, curve}) => ({name: label, slot: k % 8, dash, x: curve[chosen.axis], y: curve.mean, steps: curve.step,
        half: deviation && curves[deviation] ? curves[deviation].mean : null}));
    return lineChart({xName, xUnit, yName: y, yUnit: info.unit, clamp: clampOf(info), lines: shownLines, xWhole: chosen.axis === 'step',
      pointName: (line, i) => `${step} ${line.steps[i]}`}, Math.max(width, 280));
  }, () => metricTable(first.metric));
  runChoice(select, groups, redraw);
}

const brief = value => finite(value) ? String(+value.toPrecision(4)) : '–';

/** Lines over another metric, with one point per step. */
function overMetric(box, caption, {y, lines, x, mark}) {
  const groups = data.groups.map((group, k) => ({group, k})).filter(({group}) => group.curves[x] && lines.some(({metric}) => group.curves[metric]));
  const info = infoOf(lines[0].metric), across = infoOf(x);
  if (lines.length > 1) caption.append(html('span', {class: 'aside'}, strokeNames(lines)));
  const pointsOf = ({group, k}, {metric, label}, dash) => {
    const curve = group.curves[metric], along = group.curves[x].mean;
    const order = curve.mean.map((_, i) => i).filter(i => finite(along[i])).sort((a, b) => along[a] - along[b]);
    const sorted = values => values && order.map(i => values[i]);
    const name = lines.length === 1 ? group.label : (groups.length > 1 ? group.label + ', ' : '') + label;
    return {name, slot: k % 8, dash, x: sorted(along), y: sorted(curve.mean), half: sorted(curve.half), low: sorted(curve.low), high: sorted(curve.high),
      marks: mark && group.curves[mark] ? sorted(group.curves[mark].mean) : null};
  };
  const pointName = (line, i) => [...(line.marks ? [`${infoOf(mark).label} ${brief(line.marks[i])}`] : []), `${across.label} ${readable(line.x[i], across.unit)}`].join(' · ');
  const values = groups.flatMap(({group}) => lines.flatMap(({metric}) => group.curves[metric] ? group.curves[metric].mean : [])).filter(value => value > 0);
  const log = info.unit !== 'share' && Math.max(...values) > 30 * Math.min(...values);
  chart(box, width => {
    const drawnLines = groups.filter(shown).flatMap(each => lines.filter(({metric}) => each.group.curves[metric])
      .map((line, i) => pointsOf(each, line, lines.length === 1 ? dashOf(each.k) : dashes[i % 4])));
    if (groups.length === 1 && drawnLines.length === 1 && drawnLines[0].marks && drawnLines[0].x.length <= 12) drawnLines[0].tags = drawnLines[0].marks.map(brief);
    return lineChart({xName: across.meaning || across.label, xUnit: across.unit, marks: true, pointName, yName: y, yUnit: info.unit, clamp: clampOf(info), log, lines: drawnLines}, width);
  });
}
/** A table with one row per run and step, and one column per metric. */
function stepTable(columns) {
  const groups = data.groups.filter(group => group.curves[columns[0]]);
  const head = [...(groups.length > 1 ? ['run'] : []), ...columns.map(metric => infoOf(metric).label)];
  return {head, rows: groups.flatMap(group => group.curves[columns[0]].step.map((at, i) => [
    ...(groups.length > 1 ? [group.label] : []),
    ...columns.map((metric, column) => {
      const curve = group.curves[metric], place = curve ? curve.step.indexOf(at) : -1;
      if (place < 0) return '–';
      if (curve.low) return rangeOf(curve.low[place], curve.high[place], infoOf(metric).unit);
      return column === 0 ? brief(curve.mean[place]) : readable(curve.mean[place], infoOf(metric).unit);
    })]))};
}

function pairedCharts() {
  const metrics = [...new Set(data.paired.map(each => each.metric))];
  for (const metric of metrics) {
    const rows = data.paired.filter(each => each.metric === metric);
    const info = infoOf(metric);
    const figure = $('paired-charts').appendChild(html('figure', {}, html('figcaption', {}, `Difference in final ${info.label}`)));
    chart(figure, width => pairedChart(rows, info, width));
  }
}
/** Names without their common first words, so that the part that differs is not cut off. */
function shortened(labels) {
  if (labels.length < 2) return labels;
  let common = labels.reduce((a, b) => { let i = 0; while (i < a.length && a[i] === b[i]) ++i; return a.slice(0, i); });
  common = common.slice(0, Math.max(common.lastIndexOf('-'), common.lastIndexOf(' '), common.lastIndexOf('_')) + 1);
  return common.length < 4 ? labels : labels.map(label => '…' + label.slice(common.length));
}
function pairedChart(rows, info, width) {
  const pitch = 40, bottom = 6 + rows.length * pitch, height = bottom + 42;
  const labels = shortened(rows.map(row => data.groups[row.group].label));
  const left = Math.min(width * 0.36, 16 + 7 * Math.max(...labels.map(label => label.length)));
  const all = rows.flatMap(row => [0, ...row.differences, ...(finite(row.half) ? [row.mean - row.half, row.mean + row.half] : [row.mean])]);
  const x = axis(all, left, width - 12, {unit: '1', wanted: Math.max(3, Math.round((width - left) / 80))});
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': rows.map((row, k) => `${labels[k]}: mean difference ${readable(row.mean, info.unit)}`).join('; ')});
  for (const tick of x.ticks) {
    root.append(svg('line', {class: 'grid', x1: tick.at, x2: tick.at, y1: 4, y2: bottom}),
                svg('text', {x: tick.at, y: bottom + 16, 'text-anchor': 'middle'}, tick.text));
  }
  root.append(svg('line', {class: 'base', x1: x.place(0), x2: x.place(0), y1: 4, y2: bottom}),
              svg('text', {class: 'axis', x: (left + width) / 2, y: bottom + 36, 'text-anchor': 'middle'}, titled(`difference in ${info.label}`, info.unit)));
  rows.forEach((row, k) => root.append(pairedRow(row, labels[k], 6 + (k + 0.5) * pitch, x, info, left)));
  return root;
}
function pairedRow(row, label, y, x, info, left) {
  const slot = row.group % 8;
  const room = Math.floor((left - 14) / 6.6);
  const group = svg('g', {class: `s${slot}`},
    svg('text', {class: 'tag', x: left - 12, y: y + 4, 'text-anchor': 'end'}, label.length > room ? label.slice(0, room - 1) + '…' : label));
  const hover = (mark, when, value) => {
    mark.addEventListener('pointermove', event => showTip(event, html('div', {class: 'when'}, when), tipEntry(slot, label, value)));
    mark.addEventListener('pointerleave', hideTip);
    group.append(mark);
  };
  row.differences.forEach((value, i) =>
    hover(svg('circle', {class: 'mark', cx: x.place(value), cy: y + 8, r: 4, opacity: 0.75}), `seed ${row.seeds[i]}`, (value > 0 ? '+' : '') + value.toFixed(4)));
  if (finite(row.half)) {
    group.append(svg('line', {class: 'whisker', x1: x.place(row.mean - row.half), x2: x.place(row.mean + row.half), y1: y - 5, y2: y - 5}));
  }
  const at = x.place(row.mean).toFixed(1);
  hover(svg('path', {class: 'mark', d: `M${at} ${y - 12}l7 7l-7 7l-7 -7Z`}), 'mean over shared seeds, 95 % interval', plusMinus(row.mean, row.half, info.unit));
  return group;
}

function runChoice(select, groups, onChange) {
  groups.forEach(({group, k}) => option(select, k, group.label));
  select.parentElement.hidden = groups.length < 2;
  select.addEventListener('change', onChange);
}

const kinds = [['cloudwork', /cloud|^(aggreg|accumul|finish|reduc|step)/], ['download', /^(down|receive|fetch)/], ['train', /^(train|comput|infer|evaluat)/], ['upload', /^(up|send)/]];
const kindOf = what => (kinds.find(([, pattern]) => pattern.test(what)) || ['otherwork'])[0];
/** A class for each name. Names of one kind share a colour, each paler than the one before. */
function classesOf(whats) {
  const seen = {};
  return Object.fromEntries(whats.map(what => {
    const kind = kindOf(what), number = seen[kind] = (seen[kind] ?? -1) + 1;
    return [what, kind + ['', ' second', ' third'][Math.min(number, 2)]];
  }));
}

function timelines() {
  const groups = data.groups.map((group, k) => ({group, k})).filter(({group}) => group.timelines.length);
  if (!groups.length) return;
  $('timeline').hidden = false;
  $('timeline-step-label').firstElementChild.textContent = step;
  const groupNow = () => data.groups[Number($('timeline-run').value || groups[0].k)];
  const now = () => groupNow().timelines[Number($('timeline-step').value || 0)];
  const redraw = chart($('timeline-chart'), width => timelineChart(now(), groupNow(), width), () => ({
    head: ['node', 'what', 'from (s)', 'to (s)'],
    rows: now().rows.flatMap(row => row.bars.map(([what, begin, end]) => [row.node, what, digits(begin), digits(end)]))}));
  const refill = () => {
    $('timeline-step').replaceChildren();
    groupNow().timelines.forEach((each, i) => option($('timeline-step'), i, String(each.step)));
    $('timeline-step-label').hidden = groupNow().timelines[0].step === null;
    redraw();
  };
  runChoice($('timeline-run'), groups, refill);
  $('timeline-step').addEventListener('change', redraw);
  refill();
}
function timelineChart(timeline, group, width) {
  const row = Math.max(11, Math.min(20, Math.round(640 / timeline.rows.length)));
  const left = 76, top = 6, bottom = top + row * timeline.rows.length, height = bottom + 44;
  const whats = [...new Set(timeline.rows.flatMap(each => each.bars.map(bar => bar[0])))];
  const classes = classesOf(whats);
  $('timeline-legend').replaceChildren(...whats.map(what => html('span', {class: 'key'}, html('span', {class: `box ${classes[what]}`}), what)));
  const name = timeline.step === null ? 'A stretch of the run' : `${upper(step)} ${timeline.step}`;
  const shown = timeline.rows.filter(each => each.node !== 'cloud').length;
  $('timeline-chart').querySelector('figcaption').replaceChildren(html('span', {}, name), html('span', {class: 'aside'},
    `seed ${group.traced_seed} · began at ${readable(timeline.began, 's')} · ` + (shown < timeline.edges ? `${shown} of ${timeline.edges} edges` : `${shown} edges`) + (timeline.step === null ? '' : ', from fastest to slowest')));
  const ends = timeline.rows.flatMap(each => each.bars.map(bar => bar[2]));
  if (finite(timeline.limit)) ends.push(timeline.limit);
  const x = axis([0, ...ends], left, width - 14, {unit: 's', wanted: Math.round(width / 110), tight: true});
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': `${name}: ${shown} edges, ${readable(Math.max(...ends), 's')} in all`});
  timeline.rows.forEach((each, k) => {
    const y = top + k * row;
    root.append(svg('rect', {class: 'row', x: left, y: y + 1, width: width - 14 - left, height: row - 2, rx: 2}));
    if (row >= 13 || k % 2 === 0) root.append(svg('text', {x: left - 8, y: y + row / 2 + 4, 'text-anchor': 'end'}, each.node));
    for (const [what, begin, end] of each.bars) {
      const bar = svg('rect', {class: classes[what], x: x.place(begin), y: y + 1.5, width: Math.max(1, x.place(end) - x.place(begin)), height: row - 3, rx: 1.5});
      bar.addEventListener('pointermove', event => showTip(event, html('div', {class: 'when'}, each.node),
        html('div', {}, html('strong', {}, what), ` ${readable(end - begin, 's')}`), html('div', {class: 'when'}, `${readable(begin, 's')} to ${readable(end, 's')}`)));
      bar.addEventListener('pointerleave', hideTip);
      root.append(bar);
    }
  });
  if (finite(timeline.limit)) {
    const at = x.place(timeline.limit);
    root.append(svg('line', {class: 'limit', x1: at, x2: at, y1: top, y2: bottom}, svg('title', {}, `deadline: ${readable(timeline.limit, 's')}`)));
  }
  for (const tick of x.ticks) {
    root.append(svg('line', {class: 'base', x1: tick.at, x2: tick.at, y1: bottom, y2: bottom + 4}), svg('text', {x: tick.at, y: bottom + 18, 'text-anchor': 'middle'}, tick.text));
  }
  root.append(svg('line', {class: 'base', x1: left, x2: width - 14, y1: bottom, y2: bottom}),
              svg('text', {class: 'axis', x: (left + width - 14) / 2, y: bottom + 38, 'text-anchor': 'middle'}, `time since then (${x.name})`));
  return root;
}

function explorer() {
  // A line over steps that a table shows side by side says nothing; nor does one of events, or of other steps.
  const sideBySide = new Set(data.sections.flatMap(({columns, figures}) => [...columns,
    ...figures.flatMap(({drawn, lines, events}) => [...(drawn === 'layers' || drawn === 'phases' ? lines : []), ...events])
      .map(({metric}) => metric)]));
  const metrics = Object.keys(data.metrics).filter(metric => knows(metric) && !sideBySide.has(metric));
  if (!metrics.length) return;
  $('explorer').hidden = false;
  legend($('explorer-legend'));
  const select = $('explorer-metric');
  metrics.forEach(metric => option(select, metric, metric));
  const pictured = new Set(data.sections.flatMap(({figures}) => figures.flatMap(({lines}) => lines.map(({metric}) => metric))));
  select.value = metrics.find(metric => infoOf(metric).better !== 'neither' && !pictured.has(metric)) || metrics[0];
  const redraw = chart($('explorer-chart'), width => {
    const info = infoOf(select.value);
    $('explorer-chart').querySelector('figcaption').replaceChildren(html('span', {}, info.label), html('span', {class: 'aside'}, info.meaning));
    return lineChart(metricSpec(select.value, $('explorer-log').checked), width);
  }, () => metricTable(select.value));
  select.addEventListener('change', redrawAll);
  $('explorer-log').addEventListener('change', redraw);
}

function copyButtons() {
  for (const button of document.querySelectorAll('.copy')) {
    button.addEventListener('click', async () => {
      const code = button.previousElementSibling;
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = 'Copied';
      } catch {
        button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 1600);
    });
  }
}

function theme() {
  const root = document.documentElement;
  $('theme').addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
}

declaredSections();
pairedCharts();
timelines();
explorer();
copyButtons();
theme();
document.documentElement.dataset.drawn = 'yes';
