// The counts of every network of a family, a point each, on a common scale.

import { inOrder } from "./circuits";
import { type Counts, countsOf, type Family, type Protocol } from "./data";
import { count, power } from "./words";

export type Quantity = "circuits" | "reachable" | "interpretations" | "algorithms" | "mappings";

/** Quantities in words. */
export const NAMES: Record<Quantity, string> = {
  circuits: "circuits",
  reachable: "reachable interpretations",
  interpretations: "interpretations",
  algorithms: "algorithms",
  mappings: "mappings",
};

export interface Point {
  /** Position of the network in the family. */
  at: number;
  networkId: string;
  output: number;
  value: bigint | null;
}

/** What a protocol counts in every network and output of a family that was counted. */
export function pointsOf(family: Family, protocol: string, quantity: Quantity): Point[] {
  return family.networks.flatMap((network, at) =>
    network.targets.flatMap((_, output) => {
      const counts = network.converged ? countsOf(family, network, output, protocol) : null;
      const value = countOf(counts, quantity);
      return value === null ? [] : [{ at, networkId: network.network_id, output, value }];
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

const tickText = (exponent: number) => (exponent < 3 ? `${10 ** exponent}` : power(exponent));

/** Points of a lane, the marker being that of the figures, so that colour is not all that tells. */
export function Mark({
  marker,
  x,
  y,
  r,
}: {
  marker: string | null;
  x: number;
  y: number;
  r: number;
}) {
  if (marker === "s") {
    return <rect x={x - r} y={y - r} width={2 * r} height={2 * r} />;
  }
  if (marker === "o") {
    return <circle cx={x} cy={y} r={r} />;
  }
  const [up, wide] = [1.3 * r, 1.2 * r];
  const corners =
    marker === "^"
      ? [
          [0, -up],
          [wide, r],
          [-wide, r],
        ]
      : marker === "v"
        ? [
            [0, up],
            [wide, -r],
            [-wide, -r],
          ]
        : [
            [0, -up],
            [up, 0],
            [0, up],
            [-up, 0],
          ];
  return <polygon points={corners.map(([dx, dy]) => `${x + dx},${y + dy}`).join(" ")} />;
}

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
  const isOwn = (point: Point) => point.networkId === networkId && point.output === output;
  return (
    // Networks are chosen by the keyboard above, and the counts are said in words.
    <svg
      class="strip"
      viewBox={`0 0 ${WIDTH} ${height}`}
      width={WIDTH}
      height={height}
      role="img"
      aria-label={`${NAMES[quantity]} in every network of ${family.family} under ${protocols.map((p) => p.name).join(", ")}.`}
    >
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
          {spread(points.map((point) => ({ point, x: x(point.value ?? 0n) })))
            // The ring of the network that is shown lies over all others.
            .sort((a, b) => Number(isOwn(a.point)) - Number(isOwn(b.point)))
            .map(({ point, x, offset }) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the mouse
              <g
                key={`${point.networkId} ${point.output}`}
                class={isOwn(point) ? "point own" : "point"}
                onClick={() => props.onChoose(point.networkId, point.output)}
              >
                <title>{`${point.networkId}: ${count(point.value ?? 0n)} ${NAMES[quantity]} under ${protocol.name}`}</title>
                <Mark
                  marker={protocol.marker}
                  x={x}
                  y={(lane + 0.5) * LANE + offset}
                  r={isOwn(point) ? 5 : 2.4}
                />
              </g>
            ))}
          {points.length > 0 && (
            <line
              class="median"
              x1={x(medianOf(points))}
              x2={x(medianOf(points))}
              y1={(lane + 0.06) * LANE}
              y2={(lane + 0.94) * LANE}
            />
          )}
        </g>
      ))}
      <text class="scale" x={NONE / 2 + 2} y={height - 4}>
        none
      </text>
      {ticks.map((tick) => (
        <text key={tick} class="scale" x={x(10n ** BigInt(tick))} y={height - 4}>
          {tickText(tick)}
        </text>
      ))}
    </svg>
  );
}

/** Places above and below the middle of a lane, for points that would lie on one another. */
const OFFSETS = [0, 3, -3, 6, -6];

function spread<T extends { x: number }>(points: T[]): Array<T & { offset: number }> {
  const seen = new Map<number, number>();
  return points.map((point) => {
    const bin = Math.round(point.x / 4);
    const n = seen.get(bin) ?? 0;
    seen.set(bin, n + 1);
    return { ...point, offset: OFFSETS[n % OFFSETS.length] };
  });
}

/** The median of points, the smaller one of two. */
export function medianOf(points: Point[]): bigint {
  const values = points.map((p) => p.value ?? 0n).sort(inOrder);
  return values[Math.floor((values.length - 1) / 2)];
}
