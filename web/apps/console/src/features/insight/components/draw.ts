import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([LineChart, BarChart, GridComponent, TooltipComponent, SVGRenderer]);

export interface Drawing {
  readonly labels: readonly string[];
  readonly now: readonly (number | null)[];
  readonly before: readonly (number | null)[];
  readonly nameNow: string;
  readonly nameBefore: string;
  readonly say: (value: number | null) => string;
  /** The top of the axis where it is known, such as 1 for shares. */
  readonly top: number | undefined;
}

export type Chart = echarts.ECharts;

export function begin(box: HTMLElement): Chart {
  return echarts.init(box, null, { renderer: "svg" });
}

/** One accent for now, grey for before, each named at its end; the axis begins at zero. */
export function drawLines(chart: Chart, drawing: Drawing): void {
  const { colour, still } = looks();
  const end = (name: string, ink: string, values: Drawing["now"]) => ({
    // A line that ends in nothing has no end to write at.
    show: typeof values.at(-1) === "number",
    formatter: name,
    color: ink,
    fontSize: 12,
  });
  const peak = Math.max(0, ...[...drawing.now, ...drawing.before].map((one) => one ?? 0));
  const lone = (values: Drawing["now"]) => values.filter((one) => one !== null).length < 2;
  // A name cannot travel along a line that has holes: it would have no place between them.
  const usual = (values: Drawing["now"]) =>
    ({ type: "line", connectNulls: false, animation: !still && !values.includes(null) }) as const;
  chart.setOption(
    {
      animation: !still,
      textStyle: { fontFamily: "inherit" },
      grid: { left: 8, right: 48, top: 12, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis",
        confine: true,
        backgroundColor: colour("paper"),
        borderColor: colour("line"),
        textStyle: { color: colour("ink"), fontSize: 12 },
        valueFormatter: (value: unknown) => drawing.say(typeof value === "number" ? value : null),
      },
      xAxis: {
        type: "category",
        data: [...drawing.labels],
        boundaryGap: false,
        axisLine: { lineStyle: { color: colour("line") } },
        axisTick: { show: false },
        axisLabel: { color: colour("ink-2"), fontSize: 12, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        min: 0,
        ...(drawing.top === undefined
          ? { minInterval: 1, splitNumber: 3, ...(peak === 0 && { max: 1 }) }
          : { max: drawing.top, minInterval: stepOf(drawing.top), maxInterval: stepOf(drawing.top) }),
        axisLabel: { color: colour("ink-2"), fontSize: 12, formatter: (value: number) => drawing.say(value) },
        splitLine: { lineStyle: { color: colour("line") } },
      },
      series: [
        {
          ...usual(drawing.before),
          name: drawing.nameBefore,
          data: [...drawing.before],
          showSymbol: lone(drawing.before),
          lineStyle: { color: colour("ink-2"), width: 1, type: "dashed" },
          itemStyle: { color: colour("ink-2") },
          endLabel: end(drawing.nameBefore, colour("ink-2"), drawing.before),
        },
        {
          ...usual(drawing.now),
          name: drawing.nameNow,
          data: [...drawing.now],
          showSymbol: lone(drawing.now),
          lineStyle: { color: colour("jade"), width: 2 },
          itemStyle: { color: colour("jade") },
          endLabel: end(drawing.nameNow, colour("jade"), drawing.now),
        },
      ],
    },
    true,
  );
}

/** Quarters of a share, and whole points of a score. */
function stepOf(top: number): number {
  return top > 1 ? 1 : top / 4;
}

function looks() {
  const styles = getComputedStyle(document.documentElement);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return { colour: (name: string) => styles.getPropertyValue(`--${name}`).trim(), still };
}
