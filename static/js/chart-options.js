// What uPlot is told about a chart of sales: its series, axes, colours, and the words of its times.

import uPlot from "../vendor/uplot@1.6.32/uPlot.esm.js";

const DAY = { day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };

// found: as the server answers. look: { zone, currency, ink, sold, net, faint }, the last four colours. zoom(from, to)
// is called when somebody has dragged across it; both in seconds.
export function optionsOf(found, look, zoom) {
  const told = (parts) => new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: look.zone });
  const [day, clock, both] = [DAY, CLOCK, { ...DAY, ...CLOCK }].map(told);
  const mark = found.at.at(-1) - found.at[0] > 3 * 86400 ? day : clock;
  const grid = { stroke: look.faint, width: 1 };
  const paths = uPlot.paths.stepped({ align: 1 });
  const series = [
    { label: "From", value: (_, at) => (at == null ? "" : both.format(at * 1e3)) },
    { label: "Tickets", stroke: look.sold, fill: look.faint, width: 2, paths },
  ];
  const axes = [
    { stroke: look.ink, grid, values: (_, splits) => splits.map((at) => mark.format(at * 1e3)) },
    { stroke: look.ink, grid, size: 56 },
  ];
  if (found.net) {
    series.push({ label: `Net, ${look.currency}`, stroke: look.net, scale: "net", paths });
    axes.push({ stroke: look.ink, scale: "net", side: 1, grid: { show: false }, size: 64 });
  }
  const at = (chart, pixel) => chart.posToVal(pixel, "x");
  const select = (chart) => {
    const { left, width } = chart.select;
    if (width > 8) zoom(at(chart, left), at(chart, left + width));
  };
  return {
    series, axes, hooks: { setSelect: [select] }, cursor: { drag: { setScale: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), look.zone),
  };
}
