// The counts of every network of a family, a point each, on a common scale.

import { type Counts, countsOf, type Family, type Protocol } from "./data";
import { exactly } from "./words";

export type Quantity = "circuits" | "interpretations" | "algorithms" | "mappings";

export interface Point {
  networkId: string;
  output: number;
  value: bigint | null;
}

/** What a protocol counts in every network and output of a family that was counted. */
export function pointsOf(family: Family, protocol: string, quantity: Quantity): Point[] {
  return family.networks.flatMap((network) =>
    network.targets.flatMap((_, output) => {
      const counts = network.converged ? countsOf(family, network, output, protocol) : null;
      const value = countOf(counts, quantity);
      return value === null ? [] : [{ networkId: network.network_id, output, value }];
    }),
  );
}

export function countOf(counts: Counts | null, quantity: Quantity): bigint | null {
  const value = counts?.[quantity] ?? null;
  return value === null ? null : BigInt(value);
}

const WIDTH = 330;
const LANE = 24;
const AXIS = 18;
const NONE = 34;
const RIGHT = 12;
/** Left of the decades, where networks are counted that have none. */
const START = NONE + 16;

const log10 = (value: bigint): number => {
  const text = value.toString();
  return Math.log10(Number(`${text[0]}.${text.slice(1, 16)}`)) + text.length - 1;
};

const POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const power = (exponent: number) =>
  exponent < 3
    ? `${10 ** exponent}`
    : `10${[...`${exponent}`].map((digit) => POWERS[Number(digit)]).join("")}`;

interface Props {
  family: Family;
  protocols: Protocol[];
  active: string;
  quantity: Quantity;
  networkId: string;
  output: number;
  onChoose: (networkId: string, output: number) => void;
}

export function Distribution(props: Props) {
  const { family, protocols, active, quantity, networkId, output } = props;
  const lanes = protocols.map((protocol) => ({
    protocol,
    points: pointsOf(family, protocol.name, quantity),
  }));
  const most = lanes
    .flatMap((lane) => lane.points)
    .reduce((max, { value }) => (value !== null && value > max ? value : max), 10n);
  const decades = log10(most) + 0.05;
  const x = (value: bigint) =>
    value === 0n ? NONE / 2 + 2 : START + (log10(value) / decades) * (WIDTH - START - RIGHT);
  const step = Math.max(1, Math.ceil(decades / 6));
  const ticks = Array.from({ length: Math.floor(decades / step) + 1 }, (_, i) => i * step);
  const height = lanes.length * LANE + AXIS;
  return (
    // For the eye: the same is said in words, and networks are chosen above.
    <svg class="strip" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
      <rect class="none" x="0" y="0" width={NONE + 4} height={lanes.length * LANE} rx="4" />
      {ticks.map((tick) => (
        <line
          key={tick}
          class="tick"
          x1={x(10n ** BigInt(tick))}
          x2={x(10n ** BigInt(tick))}
          y1="0"
          y2={lanes.length * LANE}
        />
      ))}
      {lanes.map(({ protocol, points }, lane) => (
        <g
          key={protocol.name}
          class={protocol.name === active ? "lane active" : "lane"}
          style={{ color: protocol.colour ?? undefined }}
        >
          {points.length > 0 && (
            <line
              class="median"
              x1={x(medianOf(points))}
              x2={x(medianOf(points))}
              y1={(lane + 0.06) * LANE}
              y2={(lane + 0.94) * LANE}
            />
          )}
          {spread(points.map((point) => x(point.value ?? 0n))).map((offset, i) => {
            const point = points[i];
            const own = point.networkId === networkId && point.output === output;
            const cx = x(point.value ?? 0n);
            const cy = (lane + 0.5) * LANE + offset;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the mouse
              <g
                key={`${point.networkId} ${point.output}`}
                class={own ? "point own" : "point"}
                onClick={() => props.onChoose(point.networkId, point.output)}
              >
                <title>{`${point.networkId}: ${exactly(point.value ?? 0n)} ${quantity} under ${protocol.name}`}</title>
                <circle cx={cx} cy={cy} r={own ? 5.5 : 2.6} />
              </g>
            );
          })}
        </g>
      ))}
      <text class="scale" x={NONE / 2 + 2} y={height - 4}>
        none
      </text>
      {ticks.map((tick) => (
        <text key={tick} class="scale" x={x(10n ** BigInt(tick))} y={height - 4}>
          {power(tick)}
        </text>
      ))}
    </svg>
  );
}

/** Moves points that would lie on one another up and down; the same for the same points. */
function spread(xs: number[]): number[] {
  const seen = new Map<number, number>();
  return xs.map((x) => {
    const bin = Math.round(x / 4);
    const n = seen.get(bin) ?? 0;
    seen.set(bin, n + 1);
    const ring = Math.ceil(n / 2) * (n % 2 ? 1 : -1);
    // Beyond the lane, they start again in the middle.
    return ((ring * 3 + 9 * 301) % 18) - 9;
  });
}

/** The median of points, the smaller one of two. */
export function medianOf(points: Point[]): bigint {
  const values = points.map((p) => p.value ?? 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return values[Math.floor((values.length - 1) / 2)];
}
