// Where, then what: a network's perfect circuits, and the interpretations of one of them.

import { useMemo } from "preact/hooks";
import { type Circuit, chosen, listedOf, type Readable, type Sorting } from "./circuits";
import type { Counts, Family, Protocol } from "./data";
import { CARD, inWords, LARGE, type Label, MEDIUM, NetworkDrawing } from "./drawing";
import { INPUT_NAMES } from "./formulas";
import { type Interpretation, Interpretations, type NeuronReading } from "./interpretations";
import { moveFocus } from "./keys";
import { activations, isKept, type Neuron, neurons, type Single } from "./network";
import { Saved } from "./save";
import type { Go, State } from "./state";
import { Stepper } from "./stepper";
import {
  count,
  counted,
  decimal,
  exactly,
  gateLines,
  neuronName,
  rowName,
  significant,
} from "./words";

const PER_PAGE = 24;
const SORTINGS: Array<[Sorting, string]> = [
  ["sparse", "fewest edges first"],
  ["dense", "most edges first"],
  ["fewest", "fewest interpretations first"],
  ["most", "most interpretations first"],
];
const READABLE: Array<[Readable, string]> = [
  ["any", "any number"],
  ["none", "none"],
  ["one", "exactly one"],
  ["several", "several"],
];

interface Props {
  family: Family;
  single: Single;
  name: string;
  counts: Counts | null;
  circuits: Circuit[];
  protocol: Protocol;
  from: Protocol | null;
  state: State;
  go: Go;
}

export function WhereThenWhat(props: Props) {
  const { circuits, protocol, from, state, go } = props;
  const own = circuits.filter((c) => c.countedUnder.has(protocol.name));
  const before = from ? circuits.filter((c) => c.countedUnder.has(from.name)) : own;
  const lists = {
    counted: own,
    new: own.filter((c) => from && !c.countedUnder.has(from.name)),
    gone: before.filter((c) => !c.countedUnder.has(protocol.name)),
    tried: own,
  };
  const listed = lists[state.show];
  const shown = useMemo(
    () => chosen(listed, state),
    [circuits, protocol, from, state.show, state.sort, state.hidden, state.edges, state.readable],
  );
  const named = state.circuit && circuits.find((c) => c.id === state.circuit);
  // One that can be read, rather than the first.
  const open = named || (shown.find((c) => c.interpretations) ?? shown[0]);
  const { listed: nListed, total } = listedOf(circuits, props.counts, protocol.name);
  return (
    <section class="view" aria-labelledby="where">
      <h2 id="where" class="hidden">
        Where, then what
      </h2>
      <p>
        A circuit is a part of the network that computes the same; an interpretation reads each of
        its neurons as a gate. {counted(total, "perfect circuit")} under {protocol.name}
        {nListed < total && <>, of which the {count(nListed)} sparsest are listed</>}.
      </p>
      {state.circuit && !named && (
        <p class="message">
          The link names a circuit that is not among those listed for this network: {state.circuit}
        </p>
      )}
      {from && (
        <Compared
          from={from.name}
          to={protocol.name}
          noun={nListed < total ? "listed circuit" : "circuit"}
          numbers={[lists.new.length, lists.gone.length]}
          {...{ state, go }}
        />
      )}
      <div class="beside">
        <div class="list">
          <Filters circuits={listed} {...{ state, go }} />
          <Cards {...props} shown={shown} open={open} />
        </div>
        {open ? (
          <OpenCircuit key={open.id} {...props} circuit={open} />
        ) : (
          <p>No circuit to draw.</p>
        )}
      </div>
    </section>
  );
}

/** What appears and disappears between two protocols, and the choice of what is listed. */
export function Compared(props: {
  from: string;
  to: string;
  noun: string;
  numbers: [appear: number, disappear: number];
  state: State;
  go: Go;
}) {
  const [appear, disappear] = props.numbers;
  const choice = (show: State["show"], text: string) => (
    <button
      type="button"
      class="chip"
      aria-pressed={props.state.show === show}
      onClick={() =>
        props.go({
          show: props.state.show === show ? "counted" : show,
          page: 0,
          circuit: "",
          formula: "",
        })
      }
    >
      {text}
    </button>
  );
  return (
    <p class="compared">
      {props.to} instead of {props.from}:{" "}
      {choice("new", `+ ${counted(appear, props.noun)} appear${appear === 1 ? "s" : ""}`)}
      {choice(
        "gone",
        `− ${counted(disappear, props.noun)} disappear${disappear === 1 ? "s" : ""}`,
      )}
    </p>
  );
}

function Filters({ circuits, state, go }: { circuits: Circuit[]; state: State; go: Go }) {
  const values = (of: (c: Circuit) => number) =>
    [...new Set(circuits.map(of))].sort((a, b) => a - b);
  const number = (name: "hidden" | "edges", label: string, options: number[]) => (
    <label>
      {label}
      <select
        value={state[name] ?? ""}
        onChange={(event) => {
          const { value } = event.currentTarget;
          go({ [name]: value === "" ? null : Number(value), page: 0, circuit: "" });
        }}
      >
        <option value="">any number</option>
        {options.map((n) => (
          <option key={n} value={n}>
            {n}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="filters">
      <label>
        Order
        <select
          value={state.sort}
          onChange={(event) =>
            go({ sort: event.currentTarget.value as Sorting, page: 0, circuit: "" })
          }
        >
          {SORTINGS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {number(
        "hidden",
        "Hidden neurons",
        values((c) => c.nHidden),
      )}
      {number(
        "edges",
        "Edges",
        values((c) => c.nEdges),
      )}
      <label>
        Interpretations
        <select
          value={state.readable}
          onChange={(event) =>
            go({ readable: event.currentTarget.value as Readable, page: 0, circuit: "" })
          }
        >
          {READABLE.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Cards(props: Props & { shown: Circuit[]; open: Circuit | undefined }) {
  const { single, protocol, from, shown, open, state, go } = props;
  // A link to a circuit shows the page that it is on.
  const at = open ? shown.indexOf(open) : 0;
  const last = Math.max(0, Math.ceil(shown.length / PER_PAGE) - 1);
  const page = state.circuit && at >= 0 ? Math.floor(at / PER_PAGE) : Math.min(state.page, last);
  const first = page * PER_PAGE;
  const cards = shown.slice(first, first + PER_PAGE);
  return (
    <>
      <div class="pages">
        <span data-shown={shown.length}>
          {shown.length
            ? `${count(first + 1)}–${count(first + cards.length)} of ${exactly(shown.length)}`
            : "none"}
        </span>
        <button
          type="button"
          disabled={page === 0}
          onClick={() => go({ page: page - 1, circuit: "" })}
        >
          Previous
        </button>
        <button
          type="button"
          disabled={page === last}
          onClick={() => go({ page: page + 1, circuit: "" })}
        >
          Next
        </button>
      </div>
      <ul class="cards" onKeyDown={moveFocus}>
        {cards.map((circuit) => {
          const isCounted = circuit.countedUnder.has(protocol.name);
          const isNew = isCounted && from && !circuit.countedUnder.has(from.name);
          return (
            <li key={circuit.id}>
              <button
                type="button"
                class={isCounted ? "card" : "card gone"}
                aria-pressed={circuit === open}
                data-circuit={circuit.id}
                onClick={() => go({ circuit: circuit.id, page, interpretation: "0" })}
              >
                <NetworkDrawing
                  network={single}
                  edges={circuit.edges}
                  scale={CARD}
                  says={`Circuit: ${inWords(circuit.edges, single.layerSizes)}.`}
                />
                <span>
                  {counted(circuit.nEdges, "edge")}
                  {isNew && <b title={`not counted under ${from.name}`}> +</b>}
                  {!isCounted && <b title={`not counted under ${protocol.name}`}> −</b>}
                </span>
                <span>{counted(circuit.interpretations, "interpretation")}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function OpenCircuit(props: Props & { circuit: Circuit }) {
  const { circuit, family, single, state, go, name } = props;
  const found = useMemo(
    () => new Interpretations(single, circuit.edges, family.tie_tolerance),
    [circuit, single, family],
  );
  const values = useMemo(() => activations(single, circuit.edges), [circuit, single]);
  const asked = BigInt(state.interpretation);
  const position = asked < found.total ? asked : found.total - 1n;
  const interpretation = found.total ? found.at(position) : null;
  const readingOf = ([layer, index]: Neuron) =>
    interpretation?.readings.find(({ neuron }) => neuron[0] === layer && neuron[1] === index);
  const isOutput = (layer: number) => layer === single.layerSizes.length - 1;
  const label = (neuron: Neuron): Label => {
    const [layer, index] = neuron;
    const reading = readingOf(neuron);
    if (state.row !== null) {
      const value = values[layer][state.row][index];
      const bit = reading?.bits[state.row] ?? (layer === 0 ? value : null);
      return {
        lines: bit === null ? [] : [`${bit}`],
        below: layer ? decimal(value) : undefined,
        on: bit === 1,
      };
    }
    return {
      lines: reading ? gateLines(reading.gate, layer === 1) : [],
      below: reading && !isOutput(layer) ? `> ${significant(reading.separator)}` : undefined,
    };
  };
  return (
    <div class="open" data-open={circuit.id}>
      <h3>
        {counted(circuit.nHidden, "hidden neuron")}, {counted(circuit.nEdges, "edge")}
        <small>
          counted under {[...circuit.countedUnder].join(", ") || "none of the protocols shown"}
        </small>
      </h3>
      <Saved name={`${name}-circuit-${circuit.id.replaceAll(",", ".").replaceAll("|", "-")}`}>
        <NetworkDrawing
          network={single}
          edges={circuit.edges}
          scale={Math.max(...single.layerSizes) <= 3 ? LARGE : MEDIUM}
          says={`Circuit: ${inWords(circuit.edges, single.layerSizes)}.`}
          label={label}
        />
      </Saved>
      <Rows rows={single.rows} chosen={state.row} onChoose={(row) => go({ row }, true)} />
      {found.total !== circuit.interpretations && (
        <p class="message">
          The artifacts count {exactly(circuit.interpretations)} interpretations of this circuit,
          this page {exactly(found.total)}.
        </p>
      )}
      {interpretation ? (
        <>
          <Stepper
            noun="Interpretation"
            position={position}
            total={found.total}
            onStep={(to) => go({ circuit: circuit.id, interpretation: `${to}` }, true)}
          />
          {BigInt(found.reachable) < found.total && (
            <Stepper
              noun="Reading"
              hint="Readings differ on an input; interpretations of one reading only on rows that no input reaches."
              position={BigInt(found.readingOf(position))}
              total={BigInt(found.reachable)}
              onStep={(to) =>
                go({ circuit: circuit.id, interpretation: `${found.firstOf(Number(to))}` }, true)
              }
            />
          )}
        </>
      ) : (
        <p>It has no interpretation: no choice of separators is consistent.</p>
      )}
      <Values {...{ single, circuit, values, interpretation, state }} />
    </div>
  );
}

function Rows(props: {
  rows: number[][];
  chosen: number | null;
  onChoose: (row: number | null) => void;
}) {
  const options: Array<[number | null, string]> = [
    [null, "gates"],
    ...props.rows.map((row, i): [number, string] => [i, rowName(row)]),
  ];
  return (
    <fieldset class="segments">
      <legend>In the neurons: gates, or bits on an input</legend>
      {options.map(([value, text]) => (
        <label key={text}>
          <input
            type="radio"
            name="row"
            checked={props.chosen === value}
            onChange={() => props.onChoose(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface ValuesProps {
  single: Single;
  circuit: Circuit;
  values: number[][][];
  interpretation: Interpretation | null;
  state: State;
}

/** What the circuit computes on each input, neuron by neuron, and how it is read. */
function Values({ single, circuit, values, interpretation, state }: ValuesProps) {
  const sizes = single.layerSizes;
  const kept = neurons(sizes).filter((neuron) => isKept(circuit.edges, neuron));
  const reading = (neuron: Neuron) =>
    interpretation?.readings.find((r) => `${r.neuron}` === `${neuron}`);
  return (
    <div class="scroll">
      <table class="values">
        <caption>Neuron by neuron: activation, and the bit as which it is read</caption>
        <thead>
          <tr>
            <th scope="col">neuron</th>
            {single.rows.map((row, i) => (
              <th key={rowName(row)} scope="col" class={state.row === i ? "chosen" : undefined}>
                {rowName(row)}
              </th>
            ))}
            <th scope="col">separator</th>
            <th scope="col">gate</th>
          </tr>
        </thead>
        <tbody>
          {kept.map((neuron) => {
            const [layer, index] = neuron;
            const own = reading(neuron);
            return (
              <tr key={`${neuron}`}>
                <th scope="row">{neuronName(layer, index, sizes)}</th>
                {single.rows.map((row, i) => (
                  <td key={rowName(row)} class={own?.bits[i] ? "one" : undefined}>
                    {decimal(values[layer][i][index])}
                    {own && <b>{own.bits[i]}</b>}
                  </td>
                ))}
                <td>{own ? significant(own.separator) : ""}</td>
                <td>{own && <Gate reading={own} sizes={sizes} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {interpretation?.readings.some((r) => r.reached.includes(false)) && (
        <p class="note">
          In brackets: rows that no input reaches. Each way to fill them is another interpretation.
        </p>
      )}
    </div>
  );
}

/** A gate over its parents: its name, and its truth table. */
function Gate({ reading, sizes }: { reading: NeuronReading; sizes: number[] }) {
  const layer = reading.neuron[0];
  const parents = reading.parents.map((p) =>
    layer === 1 ? INPUT_NAMES[p] : neuronName(layer - 1, p, sizes),
  );
  return (
    <span class="gate">
      {reading.gate.length <= 4 && <b>{gateLines(reading.gate, layer === 1)[0]}</b>}
      <span class="bits">
        {reading.gate
          .map((bit, pattern) => (reading.reached[pattern] ? `${bit}` : `(${bit})`))
          .join("")}
      </span>
      <span>of {parents.join(", ")}</span>
    </span>
  );
}
