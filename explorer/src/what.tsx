// What, then where: the algorithms of a network, those that have a place in it first.

import { useMemo } from "preact/hooks";
import { OpenAlgorithm } from "./algorithm";
import type { Detail, Family, Protocol } from "./data";
import { type Algorithm, inSigns } from "./formulas";
import { moveFocus, useShown } from "./lists";
import type { Single } from "./network";
import { Select } from "./select";
import { type Go, OF_AN_ALGORITHM, type State } from "./state";
import { Compared } from "./where";
import { count, counted, STEPS } from "./words";

interface Props {
  family: Family;
  target: string;
  single: Single;
  /** What files that are saved of the network are called. */
  name: string;
  detail: Detail;
  protocols: Protocol[];
  protocol: Protocol;
  from: Protocol | null;
  colours: string[];
  state: State;
  go: Go;
}

const sizeOf = (classes: Set<number>, without: Set<number>) =>
  [...classes].filter((one) => !without.has(one)).length;

export function WhatThenWhere(props: Props) {
  const { family, target, detail, protocols, protocol, from, state, go } = props;
  const lists = useMemo(() => {
    // Every formula that a protocol tries, in the order of enumeration.
    const of = (one: Protocol): Algorithm[] =>
      (family.formulas[target][one.name] ?? []).map(([text, twins, steps], id) => ({
        protocol: one,
        id,
        text,
        twins,
        steps,
        mappings: detail.mappings[one.name]?.[id] ?? [],
      }));
    const own = of(protocol);
    const counted = own.filter((a) => a.mappings.length);
    const before = from ? of(from).filter((a) => a.mappings.length) : counted;
    const here = new Set(counted.map((a) => a.twins));
    const there = new Set(before.map((a) => a.twins));
    return {
      counted,
      new: counted.filter((a) => !there.has(a.twins)),
      gone: before.filter((a) => !here.has(a.twins)),
      tried: own.filter((a) => !a.mappings.length),
      before,
      appear: sizeOf(here, there),
      disappear: sizeOf(there, here),
    };
  }, [family, target, detail, protocol, from]);
  const listed = lists[state.show];
  // What a link names, or else its twin: protocols print the same algorithm differently.
  const twins = useMemo(
    () =>
      protocols
        .flatMap((p) => family.formulas[target][p.name] ?? [])
        .find(([text]) => text === state.formula)?.[1],
    [family, target, protocols.length, state.formula],
  );
  // Those listed first: a formula that lost its places is among those tried as well.
  const everything = [...listed, ...lists.counted, ...lists.tried, ...lists.gone];
  const named =
    everything.find((a) => a.text === state.formula) ?? everything.find((a) => a.twins === twins);
  const open = named ?? listed[0];
  const nMappings = lists.counted.reduce((sum, a) => sum + a.mappings.length, 0);
  const nTried = lists.counted.length + lists.tried.length;
  const list = useShown<HTMLUListElement>(open?.text);
  return (
    <section class="view" aria-labelledby="what">
      <h2 id="what" class="hidden">
        What, then where
      </h2>
      <p>
        An algorithm is a formula; a mapping gives each of its intermediate variables neurons that
        carry it. {count(lists.counted.length)} of {counted(nTried, "formula")} tried under{" "}
        {protocol.name} {lists.counted.length === 1 ? "has" : "have"} a place:{" "}
        {counted(nMappings, "minimal mapping")}.
      </p>
      {state.formula && !named && (
        <p class={twins === undefined ? "message" : "note"}>
          {inSigns(state.formula)} is not tried under {protocol.name}
          {twins === undefined && ", nor under any other protocol"}.
        </p>
      )}
      {from && (
        <>
          <Compared
            from={from.name}
            to={protocol.name}
            noun="algorithm"
            appear={[lists.appear, lists.appear]}
            disappear={[lists.disappear, lists.disappear]}
            {...{ state, go }}
          />
          <p class="note">
            Formulas that De Morgan’s laws turn into one another are one algorithm here, and are
            listed each.
          </p>
        </>
      )}
      <div class="beside">
        <div class="list">
          <div class="filters">
            <Select
              label="Formulas"
              value={state.show}
              options={[
                ["counted", `with a place (${lists.counted.length})`],
                ["tried", `tried, without a place (${lists.tried.length})`],
                ...(from
                  ? ([
                      ["new", `that appear (${counted(lists.new.length, "formula")})`],
                      ["gone", `that disappear (${counted(lists.gone.length, "formula")})`],
                    ] as Array<[string, string]>)
                  : []),
              ]}
              onChoose={(value) => go({ ...OF_AN_ALGORITHM, show: value as State["show"] })}
            />
          </div>
          <ul class="formulas" ref={list} onKeyDown={moveFocus}>
            {listed.map((algorithm) => (
              <li key={algorithm.text}>
                <button
                  type="button"
                  class={algorithm.protocol === protocol ? "formula" : "formula gone"}
                  aria-pressed={algorithm === open}
                  data-formula={algorithm.text}
                  onClick={() => go({ ...OF_AN_ALGORITHM, formula: algorithm.text })}
                >
                  <span>{inSigns(algorithm.text)}</span>
                  <small>
                    {from ? comparison(algorithm, lists, protocol) : mappings(algorithm)},{" "}
                    {STEPS[algorithm.steps]}
                  </small>
                </button>
              </li>
            ))}
          </ul>
        </div>
        {open ? (
          <OpenAlgorithm key={`${open.protocol.name} ${open.text}`} {...props} algorithm={open} />
        ) : (
          <p>No algorithm to draw.</p>
        )}
      </div>
    </section>
  );
}

const mappings = ({ mappings }: Algorithm) => {
  if (mappings.length === 1 && mappings[0].length === 0) {
    return "the empty mapping";
  }
  return mappings.length ? counted(mappings.length, "mapping") : "no place";
};

/** An algorithm's mappings, and how many it had under the protocol before. */
function comparison(
  algorithm: Algorithm,
  lists: { before: Algorithm[]; new: Algorithm[] },
  protocol: Protocol,
): string {
  if (algorithm.protocol !== protocol) {
    return `− ${mappings(algorithm)}`;
  }
  // As it is printed here, or else as all of its twins together.
  const same = lists.before.filter((a) => a.text === algorithm.text);
  const twins = lists.before.filter((a) => a.twins === algorithm.twins);
  const before = (same.length ? same : twins).reduce((sum, a) => sum + a.mappings.length, 0);
  if (!before) {
    return algorithm.mappings.length ? `+ ${mappings(algorithm)}` : mappings(algorithm);
  }
  return before === algorithm.mappings.length
    ? mappings(algorithm)
    : `${count(before)} → ${mappings(algorithm)}`;
}
