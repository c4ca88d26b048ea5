// The choice of a family and a network: by name, or by what was found in it.

import type { Family, FamilyEntry, Index, Network, Protocol } from "./data";
import { pointsOf, type Quantity } from "./distribution";
import type { Go } from "./state";
import { OF_A_NETWORK } from "./state";

/** A way to choose among the networks of a family. */
interface Search {
  text: string;
  quantity: Quantity;
  /** Which values are looked for, of all. */
  wanted: (values: bigint[]) => (value: bigint) => boolean;
}

const is = (n: bigint) => () => (value: bigint) => value === n;
const extreme = (largest: boolean) => (values: bigint[]) => {
  const found = values.reduce((a, b) => (largest === b > a ? b : a), values[0]);
  return (value: bigint) => value === found;
};

const SEARCHES: Search[] = [
  { text: "exactly one circuit", quantity: "circuits", wanted: is(1n) },
  { text: "exactly one interpretation", quantity: "interpretations", wanted: is(1n) },
  { text: "exactly one algorithm", quantity: "algorithms", wanted: is(1n) },
  { text: "exactly one mapping", quantity: "mappings", wanted: is(1n) },
  { text: "no algorithm", quantity: "algorithms", wanted: is(0n) },
  { text: "the fewest circuits", quantity: "circuits", wanted: extreme(false) },
  { text: "the most circuits", quantity: "circuits", wanted: extreme(true) },
  { text: "the most interpretations", quantity: "interpretations", wanted: extreme(true) },
  { text: "the most algorithms", quantity: "algorithms", wanted: extreme(true) },
  { text: "the most mappings", quantity: "mappings", wanted: extreme(true) },
];

/** The networks, and outputs of them, that a search finds, in the family's order. */
function find(search: Search, family: Family, protocol: Protocol) {
  const points = pointsOf(family, protocol.name, search.quantity);
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const wanted = search.wanted(values);
  return points.filter(({ value }) => value !== null && wanted(value));
}

/** What a family is called in the list: its slug, and what its networks learn. */
const described = ({ family, gates, hidden, outputs }: FamilyEntry) =>
  `${family}: ${gates.length > 4 ? `${outputs} of ${gates.length} gates` : gates.join(", ")}, ${hidden.join("×")}`;

/** What a network is called in the list. */
function networkName(network: Network): string {
  const name = network.network_id.split("/").slice(1).join("/") || network.network_id;
  const targets = network.targets.join(", ");
  return `${name}: ${targets}${network.converged ? "" : " (not converged)"}`;
}

interface Props {
  index: Index;
  family: Family;
  network: Network;
  output: number;
  protocol: Protocol;
  go: Go;
}

export function Choose({ index, family, network, output, protocol, go }: Props) {
  const at = family.networks.indexOf(network);
  const choose = (to: Network, target = "") =>
    go({ ...OF_A_NETWORK, family: family.family, network: to.network_id, target });
  const search = (text: string) => {
    const chosen = SEARCHES.find((one) => one.text === text);
    const found = chosen ? find(chosen, family, protocol) : [];
    // The next one after the network that is shown, from the start again after the last.
    const place = (id: string, out: number) =>
      family.networks.findIndex((n) => n.network_id === id) * 100 + out;
    const here = at * 100 + output;
    const next = found.find((p) => place(p.networkId, p.output) > here) ?? found[0];
    const to = family.networks.find((n) => n.network_id === next?.networkId);
    if (to) {
      choose(to, to.targets.length > 1 ? to.targets[next.output] : "");
    }
  };
  return (
    <div class="choose">
      <label>
        Family
        <select
          value={family.family}
          onChange={(event) =>
            go({
              ...OF_A_NETWORK,
              family: event.currentTarget.value,
              network: "",
              target: "",
              hidden: null,
              edges: null,
            })
          }
        >
          {index.families.map((entry) => (
            <option key={entry.family} value={entry.family}>
              {described(entry)}
            </option>
          ))}
        </select>
      </label>
      <div class="network">
        <label>
          Network
          <select
            value={network.network_id}
            onChange={(event) => {
              const id = event.currentTarget.value;
              const to = family.networks.find((n) => n.network_id === id);
              if (to) {
                choose(to);
              }
            }}
          >
            {family.networks.map((one) => (
              <option key={one.network_id} value={one.network_id}>
                {networkName(one)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-label="Network before"
          disabled={at === 0}
          onClick={() => choose(family.networks[at - 1])}
        >
          ‹
        </button>
        <button
          type="button"
          aria-label="Network after"
          disabled={at + 1 === family.networks.length}
          onClick={() => choose(family.networks[at + 1])}
        >
          ›
        </button>
      </div>
      {network.targets.length > 1 && (
        <label>
          Output
          <select
            value={network.targets[output]}
            onChange={(event) => choose(network, event.currentTarget.value)}
          >
            {network.targets.map((target) => (
              <option key={target}>{target}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        Find one with
        <select value="" onChange={(event) => search(event.currentTarget.value)}>
          <option value="">…</option>
          {SEARCHES.map((one) => {
            const n = find(one, family, protocol).length;
            return (
              <option key={one.text} value={one.text} disabled={n === 0}>
                {one.text} ({n})
              </option>
            );
          })}
        </select>
      </label>
    </div>
  );
}
