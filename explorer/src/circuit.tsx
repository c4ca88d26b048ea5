// One circuit, large: an interpretation in its neurons, and what they compute on each input.

import { useMemo } from "preact/hooks";
import type { Circuit } from "./circuits";
import type { Family, Protocol } from "./data";
import { inWords, LARGE, type Label, MEDIUM, NetworkDrawing } from "./drawing";
import { INPUT_NAMES } from "./formulas";
import { type Interpretation, Interpretations, type NeuronReading } from "./interpretations";
import { activations, isKept, type Neuron, neurons, type Single } from "./network";
import { Saved } from "./save";
import { Scroll } from "./scroll";
import type { Go, State } from "./state";
import { Stepper } from "./stepper";
import { counted, exactly, gateLines, neuronName, rowName, significant } from "./words";

interface Props {
  circuit: Circuit;
  family: Family;
  single: Single;
  /** What files that are saved of the network are called. */
  name: string;
  protocol: Protocol;
  state: State;
  go: Go;
}

export function OpenCircuit({ circuit, family, single, protocol, state, go, name }: Props) {
  const found = useMemo(
    () => new Interpretations(single, circuit.edges, family.tie_tolerance),
    [circuit, single, family],
  );
  const values = useMemo(() => activations(single, circuit.edges), [circuit, single]);
  const asked = BigInt(state.interpretation);
  const position = asked < found.total ? asked : found.total - 1n;
  const interpretation = found.total ? found.at(position) : null;
  const readingOf = ([layer, index]: Neuron) =>
    interpretation?.find(({ neuron }) => neuron[0] === layer && neuron[1] === index);
  const isOutput = (layer: number) => layer === single.layerSizes.length - 1;
  const label = (neuron: Neuron): Label => {
    const [layer, index] = neuron;
    const reading = readingOf(neuron);
    if (state.row !== null) {
      const value = values[layer][state.row][index];
      const bit = reading?.bits[state.row] ?? (layer === 0 ? value : null);
      return {
        lines: bit === null ? [] : [`${bit}`],
        below: layer ? significant(value) : undefined,
        on: bit === 1,
      };
    }
    return {
      lines: reading ? gateLines(reading.gate, layer === 1) : [],
      below: reading && !isOutput(layer) ? `> ${significant(reading.separator)}` : undefined,
    };
  };
  const id = circuit.id.replaceAll(",", ".").replaceAll("|", "-");
  const what =
    state.row === null
      ? `interpretation-${position + 1n}`
      : `input-${rowName(single.rows[state.row])}`;
  const said =
    interpretation
      ?.map(({ neuron, gate, separator, bits }) => {
        const called = neuronName(neuron[0], neuron[1], single.layerSizes);
        return state.row === null
          ? `${called} reads ${gateLines(gate, neuron[0] === 1).join("")} above ${significant(separator)}`
          : `${called} is ${bits[state.row]}`;
      })
      .join("; ") ?? "";
  return (
    <div class="open" data-open={circuit.id}>
      <h3>
        {counted(circuit.nHidden, "hidden neuron")}, {counted(circuit.nEdges, "edge")}
        <small>
          counted under {[...circuit.countedUnder].join(", ") || "none of the protocols shown"}
        </small>
      </h3>
      {!circuit.countedUnder.has(protocol.name) && (
        <p class="note">It is not counted under {protocol.name}.</p>
      )}
      <Saved name={`${name}-circuit-${id}-${what}`}>
        <NetworkDrawing
          network={single}
          edges={circuit.edges}
          scale={Math.max(...single.layerSizes) <= 3 ? LARGE : MEDIUM}
          says={`Circuit: ${inWords(circuit.edges, single.layerSizes)}. ${said}`}
          label={label}
        />
        <figcaption>
          {state.row === null
            ? "In a neuron its gate, p₁ being its upper parent and p₂ the next; a prime: the same with the two swapped; digits: its truth table, in hexadecimal where it is long. Below it the separator: larger activations are 1."
            : "In a neuron its bit, below it its activation."}{" "}
          Dotted: left out.
        </figcaption>
      </Saved>
      <Rows rows={single.rows} chosen={state.row} onChoose={(row) => go({ row }, true)} />
      {(found.total !== circuit.interpretations ||
        BigInt(found.reachable) !== circuit.reachable) && (
        <p class="message">
          The artifacts count {exactly(circuit.interpretations)} interpretations of this circuit,
          and {exactly(circuit.reachable)} reachable ones; this page {exactly(found.total)} and{" "}
          {exactly(found.reachable)}.
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
              hint="Those of one reading differ only on rows that no input reaches."
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
  const reading = (neuron: Neuron) => interpretation?.find((r) => `${r.neuron}` === `${neuron}`);
  return (
    <Scroll label="Neuron by neuron">
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
                    {significant(values[layer][i][index])}
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
      {interpretation?.some((r) => r.reached.includes(false)) && (
        <p class="note">
          In brackets: rows that no input reaches. Each way to fill them is another interpretation.
        </p>
      )}
    </Scroll>
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
