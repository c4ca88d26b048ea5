// Where, then what: a network's perfect circuits.

import { useMemo } from "preact/hooks";
import { Button } from "./button";
import { OpenCircuit } from "./circuit";
import {
  type Cell,
  type Circuit,
  chosen,
  circuitsIn,
  type Readable,
  type Sorting,
} from "./circuits";
import type { Family, Protocol } from "./data";
import { CARD, inWords, NetworkDrawing } from "./drawing";
import { moveFocus, useShown } from "./lists";
import type { Single } from "./network";
import { Select } from "./select";
import { type Go, OF_A_CIRCUIT, OF_AN_ALGORITHM, type State } from "./state";
import { count, counted, exactly } from "./words";

const PER_PAGE = 24;
const SORTINGS: Array<[Sorting, string]> = [
  ["sparse", "fewest edges"],
  ["dense", "most edges"],
  ["fewest", "fewest interpretations"],
  ["most", "most interpretations"],
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
  /** Candidate circuits under the protocol. */
  nCandidates: number;
  circuits: Circuit[];
  cells: Cell[];
  protocol: Protocol;
  from: Protocol | null;
  state: State;
  go: Go;
}

export function WhereThenWhat(props: Props) {
  const { circuits, cells, protocol, from, state, go } = props;
  const lists = useMemo(() => {
    const counted = circuits.filter((c) => c.countedUnder.has(protocol.name));
    return {
      counted,
      new: from ? counted.filter((c) => !c.countedUnder.has(from.name)) : [],
      gone: circuits.filter(
        (c) => from && c.countedUnder.has(from.name) && !c.countedUnder.has(protocol.name),
      ),
    };
  }, [circuits, protocol, from]);
  const listed = lists[state.show === "tried" ? "counted" : state.show];
  const shown = useMemo(
    () => chosen(listed, state),
    [listed, state.sort, state.hidden, state.edges, state.readable],
  );
  const named = circuits.find((c) => c.id === state.circuit);
  // One that can be read, rather than the first.
  const open = named ?? shown.find((c) => c.interpretations) ?? shown[0];
  const total = circuitsIn(cells, protocol.name);
  return (
    <section class="view" aria-labelledby="where">
      <h2 id="where" class="hidden">
        Where, then what
      </h2>
      <p>
        A circuit is a part of the network that computes the same; an interpretation reads each of
        its neurons as a gate. Of {counted(props.nCandidates, "candidate circuit")} under{" "}
        {protocol.name}, {count(total)} {total === 1 ? "is" : "are"} perfect
        {lists.counted.length < total && (
          <>; the {count(lists.counted.length)} sparsest are listed</>
        )}
        .
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
          noun="circuit"
          appear={[circuitsIn(cells, protocol.name, from.name), lists.new.length]}
          disappear={[circuitsIn(cells, from.name, protocol.name), lists.gone.length]}
          {...{ state, go }}
        />
      )}
      <div class="beside">
        <div class="list">
          <Filters circuits={listed} {...{ state, go }} />
          <Cards {...props} shown={shown} open={open} />
          {listed.length === 0 && <p>None of them is listed one by one.</p>}
          {listed.length > 0 && shown.length === 0 && (
            <p>
              No circuit passes the filters.{" "}
              <button
                type="button"
                onClick={() => {
                  go({ hidden: null, edges: null, readable: "any", page: 0 });
                  // This button goes, and the focus with it.
                  document.querySelector<HTMLElement>(".filters select")?.focus();
                }}
              >
                Clear them
              </button>
            </p>
          )}
        </div>
        {open && <OpenCircuit key={open.id} {...props} circuit={open} />}
      </div>
    </section>
  );
}

/** What appears and disappears between two protocols, and the choice of what is listed. */
export function Compared(props: {
  from: string;
  to: string;
  noun: string;
  /** How many there are, and how many of them are listed. */
  appear: [all: number, listed: number];
  disappear: [all: number, listed: number];
  state: State;
  go: Go;
}) {
  const { from, to, noun, state, go } = props;
  const chip = (show: State["show"], sign: string, verb: string, [all, listed]: number[]) => (
    <button
      type="button"
      class="chip"
      aria-pressed={state.show === show}
      onClick={() =>
        go({
          ...OF_A_CIRCUIT,
          ...OF_AN_ALGORITHM,
          show: state.show === show ? "counted" : show,
          page: 0,
        })
      }
    >
      {sign} {counted(all, noun)} {all === 1 ? `${verb}s` : verb}
      {listed < all && <small> ({count(listed)} listed)</small>}
    </button>
  );
  return (
    <p class="compared" role="status">
      {to} instead of {from}: {chip("new", "+", "appear", props.appear)}
      {chip("gone", "−", "disappear", props.disappear)}
    </p>
  );
}

function Filters({ circuits, state, go }: { circuits: Circuit[]; state: State; go: Go }) {
  const narrow = (change: Partial<State>) => go({ ...change, ...OF_A_CIRCUIT, page: 0 });
  const number = (name: "hidden" | "edges", label: string, of: (c: Circuit) => number) => (
    <Select
      label={label}
      value={`${state[name] ?? ""}`}
      options={[
        ["", "any number"],
        // What was chosen stays among the choices, also where nothing has so many.
        ...[...new Set([...circuits.map(of), ...(state[name] === null ? [] : [state[name]])])]
          .sort((a, b) => a - b)
          .map((n): [string, string] => [`${n}`, `${n}`]),
      ]}
      onChoose={(value) => narrow({ [name]: value === "" ? null : Number(value) })}
    />
  );
  return (
    <div class="filters">
      <Select
        label="Order"
        value={state.sort}
        options={SORTINGS}
        onChoose={(value) => narrow({ sort: value as Sorting })}
      />
      {number("hidden", "Hidden neurons", (c) => c.nHidden)}
      {number("edges", "Edges", (c) => c.nEdges)}
      <Select
        label="Interpretations"
        value={state.readable}
        options={READABLE}
        onChoose={(value) => narrow({ readable: value as Readable })}
      />
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
  const list = useShown<HTMLUListElement>(open?.id);
  return (
    <>
      <div class="pages">
        <span data-shown={shown.length}>
          {shown.length
            ? `${count(first + 1)}–${count(first + cards.length)} of ${exactly(shown.length)}`
            : "none"}
        </span>
        <Button can={page > 0} onPress={() => go({ ...OF_A_CIRCUIT, page: page - 1 })}>
          Previous
        </Button>
        <Button can={page < last} onPress={() => go({ ...OF_A_CIRCUIT, page: page + 1 })}>
          Next
        </Button>
      </div>
      <ul class="cards" ref={list} onKeyDown={moveFocus}>
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
                onClick={() => go({ ...OF_A_CIRCUIT, circuit: circuit.id, page })}
              >
                <NetworkDrawing
                  network={single}
                  edges={circuit.edges}
                  scale={CARD}
                  says={`Circuit: ${inWords(circuit.edges, single.layerSizes)}.`}
                />
                <span>
                  {counted(circuit.nEdges, "edge")}
                  {isNew && <b> +</b>}
                  {!isCounted && <b> −</b>}
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
