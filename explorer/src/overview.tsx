// One network: its weights, what it computes, and its four counts among those of its family.

import type { Counts, Family, Network, Protocol } from "./data";
import { countsOf, isSought } from "./data";
import {
  countOf,
  Distribution,
  Mark,
  medianOf,
  NAMES,
  pointsOf,
  type Quantity,
} from "./distribution";
import { NetworkDrawing, WEIGHTS } from "./drawing";
import { INPUT_NAMES } from "./formulas";
import { inputRows, type Neuron, type Single } from "./network";
import { Saved } from "./save";
import { Scroll } from "./scroll";
import { count, counted, decimal, rowName } from "./words";

const QUESTIONS: Array<[Quantity, string, string]> = [
  ["circuits", "Perfect circuits", "Q1. Is the circuit unique?"],
  ["reachable", "Reachable interpretations", "Q2. Is the interpretation unique?"],
  ["algorithms", "Algorithms", "Q3. Is the algorithm unique?"],
  ["mappings", "Minimal mappings", "Q4. Is the place unique?"],
];

interface Props {
  /** What files that are saved of it are called. */
  name: string;
  family: Family;
  network: Network;
  single: Single;
  output: number;
  protocols: Protocol[];
  variants: Protocol[];
  active: Protocol;
  onChoose: (networkId: string, output: number) => void;
}

export function Overview(props: Props) {
  const { family, network, single, output, name } = props;
  return (
    <section aria-labelledby="the-network">
      <h2 id="the-network">
        {network.network_id} <small>{network.targets[output]}</small>
      </h2>
      {!network.converged && (
        <p class="message">
          {network.functional
            ? "This network has not converged, but is right on every input: it is explained here, and left out where only converged networks are counted."
            : "This network has not converged: it is left out, and nothing is counted in it."}
        </p>
      )}
      <div class="overview">
        <Weights single={single} name={name} />
        <TruthTable family={family} network={network} output={output} />
      </div>
      {isSought(network) && <CountsTable {...props} />}
    </section>
  );
}

function Weights({ single, name }: { single: Single; name: string }) {
  const widest = Math.max(...single.layerSizes);
  const label = ([layer, index]: Neuron) =>
    layer === 0 ? {} : { lines: [decimal(single.biases[layer - 1][index])] };
  return (
    <Saved name={`${name}-network`}>
      <NetworkDrawing
        network={single}
        scale={WEIGHTS}
        says={`The network with layers of ${single.layerSizes.join(", ")} neurons, its weights on its edges and its biases in its neurons.`}
        label={label}
        written={widest <= 3}
      />
      <figcaption>
        In neurons their bias; <b class="key" /> positive and <b class="key negative" /> negative
        weights, the wider the larger.
      </figcaption>
    </Saved>
  );
}

function TruthTable({
  family,
  network,
  output,
}: {
  family: Family;
  network: Network;
  output: number;
}) {
  const rows = inputRows(family.layer_sizes[0]);
  const target = family.targets[network.targets[output]];
  return (
    <Scroll label="What it computes">
      <table class="truth">
        <caption>What it computes</caption>
        <thead>
          <tr>
            <th scope="col">{[...INPUT_NAMES.slice(0, family.layer_sizes[0])].join(" ")}</th>
            {rows.map((row) => (
              <th key={rowName(row)} scope="col">
                {rowName(row)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{network.targets[output]}</th>
            {rows.map((row, i) => (
              <td key={rowName(row)}>{target[i]}</td>
            ))}
          </tr>
          <tr>
            <th scope="row">output</th>
            {rows.map((row, i) => (
              <td key={rowName(row)}>{decimal(network.outputs[output][i])}</td>
            ))}
          </tr>
        </tbody>
      </table>
      {network.epochs !== null && (
        <p class="note">
          {counted(network.epochs, "epoch")} of training, loss {network.loss?.toPrecision(3)},
          accuracy {network.accuracy}
        </p>
      )}
    </Scroll>
  );
}

function CountsTable(props: Props) {
  const { family, network, output, protocols, active } = props;
  return (
    <div class="counts">
      <p class="note">
        A point is one of the{" "}
        {counted(family.networks.filter((n) => n.converged).length, "converged network")}
        {family.networks.length < family.n_networks &&
          ` among the first ${family.networks.length} of ${family.n_networks}`}{" "}
        of {family.family}
        {network.targets.length > 1 && ", through one of its outputs"}; the ringed one is this
        network, a line the median.
      </p>
      {QUESTIONS.map(([quantity, name, question]) => (
        <section key={quantity} class="count" aria-label={name}>
          <h3>
            {name} <small>{question}</small>
          </h3>
          <div class="numbers">
            {protocols.map((protocol) => (
              <Count
                key={protocol.name}
                {...{ family, network, output, protocol, quantity }}
                active={protocol === active}
              />
            ))}
          </div>
          {quantity === "mappings" && (
            <p class="note">
              Of them empty, of formulas without intermediate variables:{" "}
              {protocols
                .map((p) => countsOf(family, network, output, p.name)?.empty ?? "not counted")
                .join(", ")}
            </p>
          )}
          {quantity === "reachable" && (
            <p class="note">
              With every completion of rows that no input reaches, as the paper counts:{" "}
              {protocols
                .map((p) => completions(countsOf(family, network, output, p.name)))
                .join(", ")}
            </p>
          )}
          <Saved name={`${family.family}-${quantity}`}>
            <Distribution
              {...{ family, protocols, quantity, output }}
              active={active.name}
              networkId={network.network_id}
              onChoose={props.onChoose}
            />
          </Saved>
        </section>
      ))}
      {props.variants.length > 0 && <Variants {...props} />}
    </div>
  );
}

/** A protocol's name, with the marker and in the colour of its points. */
export const ProtocolName = ({ protocol }: { protocol: Protocol }) => (
  <>
    <svg
      class="marker"
      viewBox="0 0 12 12"
      style={{ color: protocol.colour ?? undefined }}
      aria-hidden="true"
    >
      <Mark marker={protocol.marker} x={6} y={6} r={4} />
    </svg>
    {protocol.name}
  </>
);

const about = (counts: Counts | null) => (counts?.how === "estimate" ? "≈" : "");

/** Interpretations, every completion of unreachable rows counted. */
const completions = (counts: Counts | null) =>
  counts?.interpretations == null
    ? "not counted"
    : `${about(counts)}${count(counts.interpretations)}`;

interface CountProps {
  family: Family;
  network: Network;
  output: number;
  protocol: Protocol;
  quantity: Quantity;
  active: boolean;
}

function Count({ family, network, output, protocol, quantity, active }: CountProps) {
  const counts = countsOf(family, network, output, protocol.name);
  const value = countOf(counts, quantity);
  const points = pointsOf(family, protocol.name, quantity);
  const sign = quantity === "reachable" ? about(counts) : "";
  return (
    <div
      class={active ? "number active" : "number"}
      data-count={quantity}
      data-protocol={protocol.name}
      style={{ "--own": protocol.colour ?? "currentColor" }}
    >
      <span class="name">
        <ProtocolName protocol={protocol} />
      </span>
      <span class="value" data-value={value === null ? undefined : `${value}`}>
        {value === null ? "not counted" : `${sign}${count(value)}`}
      </span>
      {value !== null && (
        <span class="hidden">, the family’s median {count(medianOf(points))}</span>
      )}
    </div>
  );
}

/** The counts under readings that switch one criterion each. */
function Variants({ family, network, output, variants }: Props) {
  const shown = (protocol: Protocol, quantity: Quantity) => {
    const counts = countsOf(family, network, output, protocol.name);
    const value = countOf(counts, quantity);
    const sign = quantity === "reachable" ? about(counts) : "";
    return value === null ? "–" : `${sign}${count(value)}`;
  };
  return (
    <details>
      <summary>Under variants of these protocols</summary>
      <Scroll label="Counts under variants">
        <table class="variants">
          <thead>
            <tr>
              <th scope="col">protocol</th>
              {QUESTIONS.map(([quantity]) => (
                <th key={quantity} scope="col">
                  {NAMES[quantity]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {variants.map((protocol) => (
              <tr key={protocol.name}>
                <th scope="row">{protocol.name}</th>
                {QUESTIONS.map(([quantity]) => (
                  <td key={quantity}>{shown(protocol, quantity)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
