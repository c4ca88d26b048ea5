// Networks, circuits and formulas as drawings, read from left to right as in the figures.

import type { ComponentChildren } from "preact";
import { INPUT_NAMES, type Node, preorder, signOf } from "./formulas";
import { allEdges, type Edges, isKept, type Neuron, neurons, type Single } from "./network";
import { decimal, neuronName } from "./words";

/** Sizes of a drawn network, in pixels. */
interface Scale {
  radius: number;
  layerGap: number;
  neuronGap: number;
  /** Width of the edge with the network's largest weight. */
  widest: number;
}

export const CARD: Scale = { radius: 6, layerGap: 34, neuronGap: 19, widest: 2.4 };
export const LARGE: Scale = { radius: 24, layerGap: 118, neuronGap: 76, widest: 4.5 };
export const WEIGHTS: Scale = { radius: 22, layerGap: 190, neuronGap: 80, widest: 4 };
export const MEDIUM: Scale = { radius: 19, layerGap: 104, neuronGap: 58, widest: 4 };

export interface Label {
  /** In the neuron. */
  lines?: string[];
  /** Below it. */
  below?: string;
  /** A colour that is light enough for dark type. */
  fill?: string;
  /** Whether it is read as 1. */
  on?: boolean;
}

function Picture(props: {
  width: number;
  height: number;
  says: string;
  children: ComponentChildren;
}) {
  const { width, height, says, children } = props;
  return (
    <svg
      class="drawing"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={says}
    >
      {children}
    </svg>
  );
}

/** Small text on a ground of its own, so that no line runs through it. */
function Grounded(props: { class: string; x: number; y: number; text: string }) {
  const width = 6.8 * props.text.length;
  return (
    <g class={props.class}>
      <rect class="ground" x={props.x - width / 2} y={props.y - 6} width={width} height={12} />
      <text x={props.x} y={props.y} dy="0.35em">
        {props.text}
      </text>
    </g>
  );
}

interface NetworkProps {
  network: Single;
  edges?: Edges;
  scale: Scale;
  /** What the drawing shows, for those who do not see it. */
  says: string;
  label?: (neuron: Neuron) => Label;
  /** Whether edges show their weights; else they are all alike and pale. */
  weighted?: boolean;
  /** Whether each weight is written on its edge. */
  written?: boolean;
  /** Puts something around a drawn neuron, so that it can be pointed at. */
  around?: (neuron: Neuron, drawn: ComponentChildren) => ComponentChildren;
}

export function NetworkDrawing(props: NetworkProps) {
  const { network, scale, says, weighted = true } = props;
  const sizes = network.layerSizes;
  const edges = props.edges ?? allEdges(sizes);
  const tallest = Math.max(...sizes);
  const hasBelow = scale.radius > CARD.radius;
  const margin = scale.radius + 2;
  const width = (sizes.length - 1) * scale.layerGap + 2 * margin;
  const height = (tallest - 1) * scale.neuronGap + 2 * margin + (hasBelow ? 14 : 0);
  const middle = margin + ((tallest - 1) / 2) * scale.neuronGap;
  const at = ([layer, index]: Neuron): [number, number] => [
    margin + layer * scale.layerGap,
    middle + (index - (sizes[layer] - 1) / 2) * scale.neuronGap,
  ];
  const largest = Math.max(...network.weights.flat(2).map(Math.abs));
  const lines = edges.flatMap((layer, l) =>
    layer.flatMap((digits, to) =>
      [...digits].flatMap((digit, from) => {
        if (digit === "0") {
          return [];
        }
        const [x1, y1] = at([l, from]);
        const [x2, y2] = at([l + 1, to]);
        const weight = network.weights[l][to][from];
        const sign = weighted ? (weight < 0 ? "edge negative" : "edge") : "edge pale";
        const share = weighted ? Math.abs(weight) / largest : 0.12;
        return [{ x1, y1, x2, y2, sign, weight, width: scale.widest * (0.2 + 0.8 * share), l }];
      }),
    ),
  );
  const inputs = Array.from({ length: sizes[0] }, (_, i): Neuron => [0, i]);
  return (
    <Picture {...{ width, height, says }}>
      {[...inputs, ...neurons(sizes)]
        .filter((neuron) => !isKept(edges, neuron))
        .map((neuron) => (
          <circle
            key={`${neuron}`}
            class="left-out"
            cx={at(neuron)[0]}
            cy={at(neuron)[1]}
            r={scale.radius}
          />
        ))}
      {lines.map(({ sign, weight, width, l: _, ...ends }) => (
        <line
          key={`${ends.x1},${ends.y1},${ends.y2}`}
          class={sign}
          {...ends}
          stroke-width={width}
          stroke-dasharray={weighted && weight < 0 ? `${2.6 * width + 2} ${width + 2}` : undefined}
        />
      ))}
      {props.written &&
        lines.map(({ x1, y1, x2, y2, weight, l }) => {
          // At this share of the way the edges between evenly spaced layers lie evenly spaced.
          const along = 1 / (sizes[l + 1] + 1);
          return (
            <Grounded
              key={`${x1},${y1},${y2}`}
              class={weight < 0 ? "weight negative" : "weight"}
              x={x1 + along * (x2 - x1)}
              y={y1 + along * (y2 - y1)}
              text={decimal(weight, true)}
            />
          );
        })}
      {[...inputs, ...neurons(sizes)]
        .filter((neuron) => isKept(edges, neuron))
        .map((neuron) => {
          const [x, y] = at(neuron);
          const isInput = neuron[0] === 0;
          const label = props.label?.(neuron) ?? {};
          const text = [...(isInput ? [INPUT_NAMES[neuron[1]]] : []), ...(label.lines ?? [])];
          const kind = isInput ? "neuron input" : "neuron";
          const drawn = (
            <g key={`${neuron}`} class={label.on ? `${kind} on` : kind}>
              <circle
                cx={x}
                cy={y}
                r={scale.radius}
                style={label.fill ? { fill: label.fill } : undefined}
              />
              {scale !== CARD &&
                text.map((line, i) => (
                  <text
                    key={i}
                    class={label.fill ? "on-fill" : undefined}
                    x={x}
                    y={y + (i - (text.length - 1) / 2) * 11}
                    dy="0.35em"
                    style={{
                      fontSize: `${Math.min(13, (scale.radius * 3) / Math.max(...text.map((t) => t.length)))}px`,
                    }}
                  >
                    {line}
                  </text>
                ))}
              {label.below && (
                <Grounded class="below" x={x} y={y + scale.radius + 9} text={label.below} />
              )}
            </g>
          );
          return props.around ? props.around(neuron, drawn) : drawn;
        })}
    </Picture>
  );
}

/** What a circuit keeps, in words. */
export function inWords(edges: Edges, layerSizes: number[]): string {
  return neurons(layerSizes)
    .filter((neuron) => isKept(edges, neuron))
    .map(([layer, index]) => {
      const below = [...edges[layer - 1][index]].flatMap((digit, i) =>
        digit === "1" ? [layer === 1 ? INPUT_NAMES[i] : neuronName(layer - 1, i, layerSizes)] : [],
      );
      return `${neuronName(layer, index, layerSizes)} from ${below.join(", ")}`;
    })
    .join("; ");
}

interface TreeProps {
  root: Node;
  says: string;
  label: (node: Node) => { text: string; fill?: string };
  around: (node: Node, drawn: ComponentChildren) => ComponentChildren;
}

const ROW = 34;
const STEP = 84;
const PILL = 24;

/** A formula as a tree: the root on the right, inputs on the left of what uses them. */
export function TreeDrawing({ root, says, label, around }: TreeProps) {
  const depth = depthOf(root);
  const nodes = preorder(root);
  const leaves = nodes.filter((node) => !node.children.length);
  const widest = 64;
  const width = depth * STEP + widest;
  const height = leaves.length * ROW;
  const at = new Map<Node, [number, number]>();
  const place = (node: Node, level: number): number => {
    const below = node.children.map((child) => place(child, level + 1));
    const y = below.length
      ? below.reduce((sum, one) => sum + one, 0) / below.length
      : (leaves.indexOf(node) + 0.5) * ROW;
    at.set(node, [width - widest / 2 - level * STEP, y]);
    return y;
  };
  place(root, 0);
  const position = (node: Node) => at.get(node) ?? [0, 0];
  return (
    <Picture {...{ width, height, says }}>
      {nodes.flatMap((node) =>
        node.children.map((child) => {
          const [x1, y1] = position(child);
          const [x2, y2] = position(node);
          return (
            <line
              key={child.number}
              class="edge"
              x1={x1}
              y1={y1}
              x2={x2}
              y2={y2}
              stroke-width={1.2}
            />
          );
        }),
      )}
      {nodes.map((node) => {
        const [x, y] = position(node);
        const { text, fill } = label(node);
        const size = Math.max(PILL, 9 * text.length + 12);
        return around(
          node,
          <g key={node.number} class="neuron">
            <rect
              x={x - size / 2}
              y={y - PILL / 2}
              width={size}
              height={PILL}
              rx={PILL / 2}
              style={fill ? { fill } : undefined}
            />
            <text
              class={fill ? "on-fill" : undefined}
              x={x}
              y={y}
              dy="0.35em"
              style={{ fontSize: "13px" }}
            >
              {text}
            </text>
          </g>,
        );
      })}
    </Picture>
  );
}

const depthOf = (node: Node): number =>
  node.children.length ? 1 + Math.max(...node.children.map(depthOf)) : 0;

/** The text in a node of a tree. */
export const nodeText = (node: Node, variable: string | null) =>
  variable ? `${variable} ${signOf(node)}` : signOf(node);
