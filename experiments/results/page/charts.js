'use strict';
// Numbers, axes and charts for the report. Inlined before report.js, inside one function.
const $ = id => document.getElementById(id);
const svgNames = $('probe').namespaceURI;
const dashes = ['', '8 4', '2 4', '10 3 2 3'];
// There are eight colours; the next eight runs have other dashes.
const dashNumber = k => (k + Math.floor(k / 8)) % 4;
const dashOf = k => dashes[dashNumber(k)];
const swatchOf = k => `swatch s${k % 8} d${dashNumber(k)}`;

function make(space, tag, attributes, children) {
  const node = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children) if (child !== null) node.append(child);
  return node;
}
const html = (tag, attributes, ...children) => make('', tag, attributes, children);
const svg = (tag, attributes, ...children) => make(svgNames, tag, attributes, children);
const finite = value => typeof value === 'number' && isFinite(value);

// ---- Numbers for people ------------------------------------------------------------------------

const ladders = {
  bytes: [[1, 'B'], [1e3, 'kB'], [1e6, 'MB'], [1e9, 'GB'], [1e12, 'TB'], [1e15, 'PB']],
  J: [[1, 'J'], [1e3, 'kJ'], [1e6, 'MJ'], [1e9, 'GJ'], [1e12, 'TJ']],
  s: [[1e-6, 'µs'], [1e-3, 'ms'], [1, 's'], [60, 'min'], [3600, 'h'], [86400, 'days']],
};
const enough = {bytes: 1, J: 1, s: 1};

/** The factor and the name of the unit in which numbers up to `largest` read best. */
function scaleOf(unit, largest) {
  const ladder = ladders[unit];
  if (!ladder) return {factor: 1, name: unit === '1' || unit === 'share' ? '' : unit};
  let best = ladder[0];
  for (const step of ladder) {
    const from = unit === 's' && step[0] > 1 ? 2 : enough[unit];
    if (Math.abs(largest) >= from * step[0]) best = step;
  }
  if (unit === 's' && !largest) best = [1, 's'];
  return {factor: best[0], name: best[1]};
}
function digits(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return String(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4);
}
function readable(value, unit) {
  if (!finite(value)) return '–';
  if (unit === 'share' || unit === 'nats') return value.toFixed(4);
  const {factor, name} = scaleOf(unit, value);
  return digits(value / factor) + (name ? ' ' + name : '');
}
function plusMinus(value, half, unit) {
  if (!finite(half)) return readable(value, unit);
  const {factor, name} = scaleOf(unit, value);
  const fixed = unit === 'share' || unit === 'nats';
  const show = number => fixed ? number.toFixed(4) : digits(number / factor);
  return show(value) + ' ± ' + show(half) + (name && !fixed ? ' ' + name : '');
}
function rangeOf(low, high, unit) {
  const [from, to] = [readable(low, unit), readable(high, unit)];
  return from === to ? from : `${from} – ${to}`;
}
const titled = (name, unit) => unit && unit !== '1' && unit !== 'share' ? `${name} (${unit})` : name;

// ---- Scales and ticks ---------------------------------------------------------------------------

function niceTicks(low, high, wanted, whole) {
  const power = 10 ** Math.floor(Math.log10((high - low) / wanted));
  const misses = size => Math.abs(Math.log((high - low) / size / wanted));
  const nice = [1, 2, 5, 10].map(each => each * power).reduce((best, each) => misses(each) < misses(best) ? each : best);
  const step = whole ? Math.max(1, nice) : nice;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) ticks.push(i * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const text = at => Math.abs(at) >= 1e6 || decimals > 6 ? String(+at.toPrecision(3)) : at.toFixed(decimals);
  return ticks.map(at => ({at, text: text(at)}));
}
function logTicks(low, high) {
  const ticks = [];
  const many = Math.log10(high / low) > 3;
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; ++power) {
    for (const digit of many ? [1] : [1, 2, 5]) {
      const at = digit * 10 ** power;
      if (at >= low * 0.999 && at <= high * 1.001) ticks.push({at, text: String(+at.toPrecision(2))});
    }
  }
  return ticks;
}

/** An axis: the place of a value between two pixels, and the ticks. */
function axis(values, from, to, {unit, log, wanted, clamp, tight, whole}) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!finite(value) || (log && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) [low, high] = log ? [0.1, 1] : [0, 1];
  // Values that differ only by rounding count as one value.
  if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high))) [low, high] = log ? [low / 2, high * 2] : [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const {factor, name} = scaleOf(unit, Math.max(Math.abs(low), Math.abs(high)));
  low /= factor;
  high /= factor;
  if (log) {
    const room = Math.log(high / low) * 0.05;
    const [bottom, top] = [Math.log(low) - room, Math.log(high) + room];
    const place = value => from + (Math.log(value / factor) - bottom) / (top - bottom) * (to - from);
    return {place, name, ticks: logTicks(low, high).map(tick => ({...tick, at: place(tick.at * factor)}))};
  }
  if (!tight) {
    const room = (high - low) * 0.05;
    const [floor, ceiling] = clamp || [-Infinity, Infinity];
    low = Math.max(low - room, Math.min(floor / factor, low));
    high = Math.min(high + room, Math.max(ceiling / factor, high));
  }
  const place = value => from + (value / factor - low) / (high - low) * (to - from);
  return {place, name, ticks: niceTicks(low, high, wanted, whole).map(tick => ({...tick, at: place(tick.at * factor)}))};
}

// ---- The tooltip ----------------------------------------------------------------------------------

const tip = $('tip');
function showTip(event, ...content) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const right = event.clientX + 16 + box.width < innerWidth;
  tip.style.left = Math.max(4, right ? event.clientX + 16 : event.clientX - 16 - box.width) + 'px';
  tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - box.height - 6)) + 'px';
}
const hideTip = () => { tip.hidden = true; };
function tipEntry(slot, name, value) {
  return html('div', {class: 'entry'}, html('span', {class: `swatch s${slot}`}), html('span', {class: 'who'}, name), html('strong', {}, value));
}

// ---- Charts ---------------------------------------------------------------------------------------

const drawn = [];  // what to redraw after a choice of the reader
const widths = new WeakMap();
const watcher = new ResizeObserver(entries => {
  for (const {target} of entries) if (target.clientWidth !== widths.get(target)) target.redraw();
});

/** Draws a figure and redraws it when needed: `draw(width)` returns its SVG, `table()` its numbers as {head, rows}. */
function chart(figure, draw, table) {
  const place = figure.appendChild(html('div'));
  const redraw = () => {
    widths.set(place, place.clientWidth);
    place.replaceChildren(draw(Math.max(280, place.clientWidth)));
    hideTip();
  };
  place.redraw = redraw;
  watcher.observe(place);
  if (table) {
    const details = figure.appendChild(html('details', {class: 'data'}, html('summary', {}, 'numbers')));
    const fill = () => {
      if (!details.open) return;
      while (details.children.length > 1) details.lastChild.remove();
      details.append(tableOf(table()));
    };
    details.addEventListener('toggle', fill);
    drawn.push(fill);
  }
  drawn.push(redraw);
  redraw();
  return redraw;
}
const redrawAll = () => drawn.forEach(each => each());

function tableOf({head, rows}) {
  return html('div', {class: 'scroll'}, html('table', {},
    html('thead', {}, html('tr', {}, ...head.map(text => html('th', {scope: 'col'}, text)))),
    html('tbody', {}, ...rows.map(row => html('tr', {}, ...row.map((text, i) => i ? html('td', {}, text) : html('th', {scope: 'row'}, text)))))));
}

/** The frame of a chart: grid, ticks and the names of both axes. */
function frame(width, height, {xs, ys, xName, yName, xUnit, yUnit, yLog, yClamp, xTight, xWhole, top = 12}) {
  const y = axis(ys, height - 44, top, {unit: yUnit, log: yLog, wanted: 5, clamp: yClamp});
  const left = 30 + Math.max(...y.ticks.map(tick => tick.text.length), 2) * 7;
  const right = width - 12;
  const x = axis(xs, left, right, {unit: xUnit, wanted: Math.max(3, Math.round(width / 95)), tight: xTight, whole: xWhole});
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', tabindex: 0});
  for (const tick of y.ticks) {
    root.append(svg('line', {class: 'grid', x1: left, x2: right, y1: tick.at, y2: tick.at}),
                svg('text', {x: left - 7, y: tick.at + 4, 'text-anchor': 'end'}, tick.text));
  }
  root.append(svg('line', {class: 'base', x1: left, x2: right, y1: height - 44, y2: height - 44}));
  for (const tick of x.ticks) {
    root.append(svg('line', {class: 'base', x1: tick.at, x2: tick.at, y1: height - 44, y2: height - 40}),
                svg('text', {x: tick.at, y: height - 26, 'text-anchor': 'middle'}, tick.text));
  }
  root.append(svg('text', {class: 'axis', x: (left + right) / 2, y: height - 6, 'text-anchor': 'middle'}, titled(xName, x.name || xUnit)),
              svg('text', {class: 'axis', x: 12, y: (height - 32) / 2, 'text-anchor': 'middle', transform: `rotate(-90 12 ${(height - 32) / 2})`}, titled(yName, y.name || yUnit)));
  return {root, x, y, left, right, top, bottom: height - 44};
}

function pathOf(xs, ys, x, y) {
  let path = '', pen = false;
  for (let i = 0; i < xs.length; ++i) {
    const at = finite(xs[i]) && finite(ys[i]) ? y.place(ys[i]) : NaN;
    if (finite(at)) path += `${pen ? 'L' : 'M'}${x.place(xs[i]).toFixed(1)} ${at.toFixed(1)}`;
    pen = finite(at);
  }
  return path;
}
/** The interval around a point: lowest and highest, or mean ± half; null if unknown. */
function endsOf(line, i) {
  const ends = line.low ? [line.low[i], line.high[i]] : line.half ? [line.y[i] - line.half[i], line.y[i] + line.half[i]] : [];
  return finite(line.y[i]) && ends.length && ends.every(finite) ? ends : null;
}
function bandOf(line, x, heightOf) {
  const points = line.x.map((_, i) => i).filter(i => endsOf(line, i));
  const at = (i, side) => `${x.place(line.x[i]).toFixed(1)} ${heightOf(endsOf(line, i)[side]).toFixed(1)}`;
  const upper = points.map(i => at(i, 1)), lower = points.reverse().map(i => at(i, 0));
  return points.length ? 'M' + upper.concat(lower).join('L') + 'Z' : '';
}
function nearest(values, wanted) {
  let best = -1;
  for (let i = 0; i < values.length; ++i) {
    if (finite(values[i]) && (best < 0 || Math.abs(values[i] - wanted) < Math.abs(values[best] - wanted))) best = i;
  }
  return best;
}

/**
 * Lines over a common horizontal axis. spec: {xName, xUnit, yName, yUnit, log, clamp, marks, describe,
 * lines: [{name, slot, dash, x, y, half or low and high, seeds, tags}],
 * events: [{kind, label, x, value}], each in a lane of its own above the lines}
 */
function lineChart(spec, width) {
  const lanes = spec.events || [], top = lanes.length ? 14 + lanes.length * lane : 12;
  const height = Math.round(Math.min(360, Math.max(250, width * 0.58))) + top - 12;
  const ys = spec.lines.flatMap(line => [
    ...line.y, ...line.y.flatMap((_, i) => endsOf(line, i) || []),
    ...(line.seeds || []).flat()]).map(value => finite(value) && spec.clamp ? Math.min(spec.clamp[1], Math.max(spec.clamp[0], value)) : value);
  const xs = [...spec.lines, ...lanes].flatMap(each => each.x);
  const from = frame(width, height, {xs, ys, top, xName: spec.xName, yName: spec.yName,
    xUnit: spec.xUnit, yUnit: spec.yUnit, yLog: spec.log, yClamp: spec.clamp, xTight: !spec.marks, xWhole: spec.xWhole});
  const {root, x, y} = from;
  root.setAttribute('aria-label', spec.describe || `${spec.yName} against ${spec.xName}: ` + spec.lines.map(line =>
    `${line.name} ends at ${readable(line.y[line.y.length - 1], spec.yUnit)}`).join('; '));
  const [least, most] = spec.clamp || [-Infinity, Infinity];
  const heightOf = value => {  // keeps every mark inside the picture
    const at = y.place(Math.min(most, Math.max(least, value)));
    return finite(at) ? Math.min(from.bottom, Math.max(top, at)) : from.bottom;
  };
  lanes.forEach((each, i) => root.append(eventMarks(each, 8 + i * lane, from)));
  for (const line of spec.lines) {
    const group = svg('g', {class: `s${line.slot}`});
    if ((line.half || line.low) && !spec.marks) group.append(svg('path', {class: 'band', d: bandOf(line, x, heightOf)}));
    for (const seed of line.seeds || []) group.append(svg('path', {class: 'seed', d: pathOf(line.x, seed, x, y)}));
    group.append(svg('path', {class: 'line', d: pathOf(line.x, line.y, x, y), 'stroke-dasharray': line.dash || null}));
    line.x.forEach((at, i) => {
      if (!finite(at) || !finite(line.y[i]) || !finite(y.place(line.y[i]))) return;
      const ends = spec.marks && endsOf(line, i);
      if (ends) group.append(svg('line', {class: 'whisker', x1: x.place(at), x2: x.place(at), y1: heightOf(ends[0]), y2: heightOf(ends[1])}));
      if (spec.marks || line.x.length <= 25) group.append(svg('circle', {class: 'mark', cx: x.place(at), cy: y.place(line.y[i]), r: spec.marks ? 4.5 : 3.5}));
      if (line.tags && line.tags[i]) group.append(svg('text', {class: 'tag', x: x.place(at) + 7, y: y.place(line.y[i]) + 15}, line.tags[i]));
    });
    root.append(group);
  }
  hoverLines(spec, from);
  return root;
}

const lane = 12;  // the height of a lane of events
const glyphs = ['M-4 -4H4L0 4Z', 'M0 -4.5L4.5 0L0 4.5L-4.5 0Z', 'M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0Z', 'M-4 -2L-2 -4L0 -2L2 -4L4 -2L2 0L4 2L2 4L0 2L-2 4L-4 2L-2 0Z',
  'M-4 -4H4V4H-4Z', 'M-4 4H4L0 -4Z', 'M4 -4V4L-4 0Z', 'M-4 -1.5H4V1.5H-4Z'];
/** The sign of a kind of event, for a legend. */
const glyphKey = kind => svg('svg', {class: `glyph e${kind % 8}`, width: 12, height: 12, viewBox: '-6 -6 12 12', 'aria-hidden': 'true'}, svg('path', {d: glyphs[kind % 8]}));
function eventMarks({kind, x: places}, y, {x, bottom}) {
  const group = svg('g', {class: `event e${kind % 8}`});
  for (const each of places) {
    const at = x.place(each).toFixed(1);
    group.append(svg('line', {x1: at, x2: at, y1: y, y2: bottom}), svg('path', {d: glyphs[kind % 8], transform: `translate(${at} ${y})`}));
  }
  return group;
}
/** What happened within a few pixels of a place. */
function eventEntries(events, x, pixel) {
  const near = events.flatMap(({kind, label, x: places, value}) => places.map((at, i) => ({kind, label, far: Math.abs(x.place(at) - pixel), value: value[i]}))).filter(({far}) => far <= 5);
  return near.slice(0, 8).map(({kind, label, value}) => html('div', {class: 'entry'}, glyphKey(kind), html('span', {class: 'who'}, label), html('strong', {}, digits(value))));
}

function hoverLines(spec, {root, x, y, left, right, top, bottom}) {
  const guide = svg('line', {class: 'guide', y1: top, y2: bottom, visibility: 'hidden'});
  const dots = spec.lines.map(line => svg('circle', {class: `mark s${line.slot}`, r: 4.5, visibility: 'hidden'}));
  root.append(guide, ...dots);
  let focus = null;  // the value under the guide, for the arrow keys
  const point = (value, event, pixel) => {
    const lines = spec.lines.map((line, k) => ({line, k, i: nearest(line.x, value)})).filter(each => each.i >= 0);
    if (!lines.length) return;
    const first = lines.reduce((best, each) => Math.abs(each.line.x[each.i] - value) < Math.abs(best.line.x[best.i] - value) ? each : best);
    const at = first.line.x[first.i];
    focus = {line: first.line, i: first.i};
    guide.setAttribute('x1', x.place(at));
    guide.setAttribute('x2', x.place(at));
    guide.setAttribute('visibility', 'visible');
    const entries = lines.filter(({line, i}) => finite(line.y[i])).map(({line, k, i}) => {
      const height = y.place(line.y[i]);  // not finite for a zero on a logarithmic axis
      dots[k].setAttribute('cx', x.place(line.x[i]));
      dots[k].setAttribute('cy', finite(height) ? height : bottom);
      dots[k].setAttribute('visibility', finite(height) ? 'visible' : 'hidden');
      const value = line.low ? rangeOf(line.low[i], line.high[i], spec.yUnit) : plusMinus(line.y[i], line.half ? line.half[i] : null, spec.yUnit);
      return tipEntry(line.slot, line.name, value);
    });
    const when = spec.pointName ? spec.pointName(first.line, first.i) : `${spec.xName} ${readable(at, spec.xUnit)}`;
    showTip(event, html('div', {class: 'when'}, when), ...entries, ...eventEntries(spec.events || [], x, pixel ?? x.place(at)));
  };
  const leave = () => {
    guide.setAttribute('visibility', 'hidden');
    dots.forEach(dot => dot.setAttribute('visibility', 'hidden'));
    hideTip();
  };
  const places = spec.lines.map(line => line.x.map(at => finite(at) ? x.place(at) : null));
  root.addEventListener('pointermove', event => {
    const box = root.getBoundingClientRect();
    const pixel = (event.clientX - box.left) * (root.viewBox.baseVal.width / box.width);
    if (pixel < left - 12 || pixel > right + 12) return leave();
    let best = null;
    places.forEach((row, k) => {
      const i = nearest(row, pixel);
      if (i >= 0 && (!best || Math.abs(row[i] - pixel) < best.far)) best = {far: Math.abs(row[i] - pixel), value: spec.lines[k].x[i]};
    });
    if (best) point(best.value, event, pixel);
  });
  root.addEventListener('pointerleave', leave);
  root.addEventListener('blur', leave);
  root.addEventListener('keydown', event => {
    const move = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!move || !spec.lines.length) return;
    event.preventDefault();
    const line = focus ? focus.line : spec.lines[0];
    const i = Math.max(0, Math.min(line.x.length - 1, focus ? focus.i + move : 0));
    const box = root.getBoundingClientRect();
    const zoom = box.width / root.viewBox.baseVal.width;
    point(line.x[i], {clientX: box.left + x.place(line.x[i]) * zoom, clientY: box.top + 40});
  });
}
