// The choice of a family and a network: by name, or by what was found in it.

import { useState } from "preact/hooks";
import { Button } from "./button";
import type { Family, FamilyEntry, Index, Network, Protocol } from "./data";
import { type Point, pointsOf, type Quantity } from "./distribution";
import { Select } from "./select";
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
  const choose = (networkId: string, target = "") =>
    go({ ...OF_A_NETWORK, family: family.family, network: networkId, target });
  const [wanted, setWanted] = useState(
    () => SEARCHES.find((one) => find(one, family, protocol).length)?.text ?? SEARCHES[0].text,
  );
  const found = SEARCHES.filter((one) => one.text === wanted).flatMap((one) =>
    find(one, family, protocol),
  );
  const search = () => {
    // The next one after what is shown, from the start again after the last.
    const isAfter = (point: Point) => point.at > at || (point.at === at && point.output > output);
    const next = found.find(isAfter) ?? found[0];
    const { network_id, targets } = family.networks[next.at];
    choose(network_id, targets.length > 1 ? targets[next.output] : "");
  };
  return (
    <div class="choose">
      <Select
        label="Family"
        value={family.family}
        options={index.families.map((entry) => [entry.family, described(entry)])}
        onChoose={(name) =>
          go({
            ...OF_A_NETWORK,
            family: name,
            network: "",
            target: "",
            hidden: null,
            edges: null,
          })
        }
      />
      <div class="network">
        <Select
          label="Network"
          value={network.network_id}
          options={family.networks.map((one) => [one.network_id, networkName(one)])}
          onChoose={(id) => choose(id)}
        />
        <Button
          label="Network before"
          can={at > 0}
          onPress={() => choose(family.networks[at - 1].network_id)}
        >
          ‹
        </Button>
        <Button
          label="Network after"
          can={at + 1 < family.networks.length}
          onPress={() => choose(family.networks[at + 1].network_id)}
        >
          ›
        </Button>
      </div>
      {network.targets.length > 1 && (
        <Select
          label="Output"
          value={network.targets[output]}
          options={network.targets.map((target) => [target, target])}
          onChoose={(target) => choose(network.network_id, target)}
        />
      )}
      <div class="network">
        <Select
          label="Find one with"
          value={wanted}
          options={SEARCHES.map((one) => {
            const n = find(one, family, protocol).length;
            return [one.text, `${one.text} (${n})`];
          })}
          onChoose={setWanted}
        />
        <Button can={found.length > 0} onPress={search}>
          Find
        </Button>
      </div>
    </div>
  );
}
