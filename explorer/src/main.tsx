// The explorer: every explanation of a network, in a page.

import { type ComponentChildren, render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Choose } from "./choose";
import { cellsOf, circuitsOf } from "./circuits";
import {
  countsOf,
  DataError,
  type Detail,
  type Family,
  type Index,
  isSought,
  loadDetails,
  loadFamily,
  loadIndex,
  type Network,
  type Protocol,
} from "./data";
import { type Single, singleOutput } from "./network";
import { Overview, ProtocolName } from "./overview";
import { Scroll } from "./scroll";
import {
  fragment,
  type Go,
  OF_A_NETWORK,
  OF_AN_ALGORITHM,
  type State,
  useAddress,
  type View,
} from "./state";
import { WhatThenWhere } from "./what";
import { WhereThenWhat } from "./where";

/** What a promise gives, once it does; or in a line why it does not. */
function useLoaded<T>(load: () => Promise<T>, keys: unknown[]): [T | null, string | null] {
  const [found, setFound] = useState<{ keys: unknown[]; value?: T; error?: string }>({ keys: [] });
  useEffect(() => {
    let isWanted = true;
    const keep = (one: { value?: T; error?: string }) => isWanted && setFound({ keys, ...one });
    load().then(
      (value) => keep({ value }),
      (error) => {
        if (!(error instanceof DataError)) {
          throw error;
        }
        keep({ error: error.message });
      },
    );
    return () => {
      isWanted = false;
    };
  }, keys);
  const isCurrent = found.keys.length > 0 && found.keys.every((key, i) => key === keys[i]);
  return isCurrent ? [found.value ?? null, found.error ?? null] : [null, null];
}

function App() {
  const [state, go] = useAddress();
  const [index, missing] = useLoaded(loadIndex, ["index"]);
  if (missing) {
    return (
      <Page>
        <Message text={missing} />
      </Page>
    );
  }
  return index ? (
    <WithIndex {...{ index, state, go }} />
  ) : (
    <Page>
      <Loading what="the index" />
    </Page>
  );
}

const Page = ({ children }: { children: ComponentChildren }) => (
  <main>
    <header>
      <h1>Every explanation of a network</h1>
      <p>
        Méloux et al. (ICLR 2025) ask whether the criteria of mechanistic interpretability leave
        one explanation of what a network computes, and where. Here is what they leave, network by
        network, under each reading of them.
      </p>
      <figure>
        <img
          src="uniqueness.svg"
          alt="Share of networks with exactly one circuit, algorithm and mapping, against width"
        />
        <figcaption>
          How many networks have exactly one explanation, against width, at five levels of the
          criteria: as published; with every circuit, formula and pair; with minimal circuits and
          live steps; with complete and minimal circuits and irredundant steps; and with joint
          interventions that leave unmapped neurons inert.
        </figcaption>
      </figure>
    </header>
    {children}
  </main>
);

const Message = ({ text }: { text: string }) => (
  <p class="message" role="alert">
    {text}
  </p>
);

const Loading = ({ what }: { what: string }) => (
  <p class="loading" role="status">
    Loading {what} …
  </p>
);

function WithIndex({ index, state, go }: { index: Index; state: State; go: Go }) {
  const isKnown = !state.family || index.families.some((f) => f.family === state.family);
  const name = state.family && isKnown ? state.family : index.start;
  const [family, missing] = useLoaded(() => loadFamily(name), [name]);
  // While another family is loaded, the page stays as it is, and the focus where it is.
  const last = useRef<{ family: Family; state: State } | null>(null);
  if (family) {
    last.current = { family, state };
  }
  return (
    <Page>
      {!isKnown && (
        <Message text={`The link names a family that is not in this page: ${state.family}.`} />
      )}
      {missing && (
        <>
          <Message text={missing} />
          <p>
            Other families:
            {index.families
              .filter((f) => f.family !== name)
              .map((f) => (
                <span key={f.family}>
                  {" "}
                  <a href={`#family=${f.family}`}>{f.family}</a>
                </span>
              ))}
          </p>
        </>
      )}
      {!missing &&
        (last.current ? (
          <WithFamily {...{ index, go }} {...last.current} />
        ) : (
          <Loading what={name} />
        ))}
    </Page>
  );
}

/** The network that a page opens with: the first in which the first protocol finds an algorithm. */
function firstOf(family: Family): Network {
  const converged = family.networks.filter((n) => n.converged);
  return (
    converged.find((n) => countsOf(family, n, 0, family.protocols[0])?.mappings) ??
    converged[0] ??
    family.networks[0]
  );
}

function WithFamily(props: { index: Index; family: Family; state: State; go: Go }) {
  const { index, family, state, go } = props;
  const named = family.networks.find((n) => n.network_id === state.network);
  const network = named ?? firstOf(family);
  const output = Math.max(0, network.targets.indexOf(state.target));
  const own = index.protocols.filter((p) => family.protocols.includes(p.name));
  const protocols = own.filter((p) => p.listed);
  const protocol = protocols.find((p) => p.name === state.protocol) ?? protocols[0];
  const from = protocols.find((p) => p.name === state.from && p !== protocol) ?? null;
  const [details, damaged] = useLoaded(() => loadDetails(family, network), [family, network]);
  const single = useMemo(() => singleOutput(family, network, output), [family, network, output]);
  useEffect(() => {
    document.title = `${network.network_id} under ${protocol.name}: every explanation of a network`;
  }, [network, protocol]);
  const target = network.targets[output];
  const several = network.targets.length > 1;
  const name = `${network.network_id.replaceAll("/", "-")}${several ? `-${target}` : ""}`;
  const choose = (networkId: string, to: number) => {
    const chosen = family.networks.find((n) => n.network_id === networkId);
    const own = chosen && chosen.targets.length > 1 ? chosen.targets[to] : "";
    go({ ...OF_A_NETWORK, network: networkId, target: own });
  };
  // What does not depend on the view is not drawn again with each of its steps.
  const keys = [index, family, network, output, protocol];
  const choice = useMemo(
    () => <Choose {...{ index, family, network, output, protocol, go }} />,
    keys,
  );
  const overview = useMemo(
    () => (
      <Overview
        {...{ family, network, single, output, protocols, name }}
        variants={own.filter((p) => !p.listed)}
        active={protocol}
        onChoose={choose}
      />
    ),
    keys,
  );
  const shown: State = {
    ...state,
    show: from || state.show === "tried" ? state.show : "counted",
    row: state.row !== null && state.row < single.rows.length ? state.row : null,
  };
  const unknown = [
    state.network &&
      !named &&
      `a network that is not among the ${family.networks.length} of ${family.n_networks} that this page has of ${family.family}: ${state.network}`,
    state.target &&
      !network.targets.includes(state.target) &&
      `an output that ${network.network_id} has not: ${state.target}`,
    state.protocol &&
      state.protocol !== protocol.name &&
      `a protocol under which nothing is listed for ${family.family}: ${state.protocol}`,
  ].filter((text) => text);
  return (
    <>
      {choice}
      {unknown.map((text) => (
        <Message key={text} text={`The link names ${text}.`} />
      ))}
      <Switch {...{ protocols, protocol, state, go }} />
      <Asked {...{ protocols, nRows: single.rows.length }} />
      {overview}
      {damaged && <Message text={damaged} />}
      {isSought(network) && !damaged && (
        <>
          <nav class="tabs" aria-label="Strategies">
            {(
              [
                ["circuits", "Where, then what"],
                ["algorithms", "What, then where"],
              ] as Array<[View, string]>
            ).map(([view, text]) => (
              <a
                key={view}
                href={fragment({ ...state, view, show: "counted" })}
                aria-current={state.view === view ? "page" : undefined}
              >
                {text}
              </a>
            ))}
          </nav>
          {details ? (
            <Explanations
              {...{ index, family, target, name, single, protocol, protocols, from, go }}
              detail={details[output]}
              state={shown}
            />
          ) : (
            <Loading what={network.network_id} />
          )}
        </>
      )}
      <LinkToView {...{ family, network, protocol: protocol.name, state }} />
    </>
  );
}

/** The choice of a protocol; what it changes is said where it is listed. */
function Switch(props: { protocols: Protocol[]; protocol: Protocol; state: State; go: Go }) {
  const { protocols, protocol, state, go } = props;
  return (
    <fieldset class="segments switch">
      <legend>Protocol</legend>
      {protocols.map((p) => (
        <label key={p.name} style={{ "--own": p.colour ?? "currentColor" }}>
          <input
            type="radio"
            name="protocol"
            value={p.name}
            checked={p === protocol}
            onChange={() =>
              go({
                // The algorithm stays, or its twin does; its mappings are others.
                ...OF_AN_ALGORITHM,
                formula: state.formula,
                protocol: p.name,
                from: protocol.name,
                show: "counted",
                page: 0,
              })
            }
          />
          <span>
            <ProtocolName protocol={p} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What every protocol asks. */
const Asked = ({ protocols, nRows }: { protocols: Protocol[]; nRows: number }) => (
  <details>
    <summary>What the protocols ask</summary>
    <Scroll label="What the protocols ask">
      <table class="asked">
        <thead>
          <tr>
            <td />
            {protocols.map((p) => (
              <th key={p.name} scope="col">
                {p.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.keys(protocols[0].asks).map((criterion) => (
            <tr key={criterion}>
              <th scope="row">{criterion}</th>
              {protocols.map((p) => (
                <td key={p.name}>{p.asks[criterion]}</td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Interventions between (D04)</th>
            {protocols.map((p) => (
              <td key={p.name}>
                {nRows ** 2 - (p.pairs === "all" ? 0 : (nRows * (nRows + 1)) / 2)} of {nRows ** 2}{" "}
                pairs
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Scroll>
  </details>
);

interface ExplanationsProps {
  index: Index;
  family: Family;
  target: string;
  name: string;
  detail: Detail;
  single: Single;
  protocol: Protocol;
  protocols: Protocol[];
  from: Protocol | null;
  state: State;
  go: Go;
}

function Explanations(props: ExplanationsProps) {
  const { index, family, detail, protocols, protocol, state } = props;
  const keys = [detail, family, protocols.length];
  const circuits = useMemo(() => circuitsOf(detail, family, protocols), keys);
  const cells = useMemo(() => cellsOf(detail, family, protocols), keys);
  return state.view === "circuits" ? (
    <WhereThenWhat
      {...props}
      {...{ circuits, cells }}
      nCandidates={family.n_candidates[protocol.name]}
    />
  ) : (
    <WhatThenWhere {...props} colours={index.variable_colours} />
  );
}

/** The address of what is shown, with its family, network and protocol even if they are the first. */
function LinkToView(props: { family: Family; network: Network; protocol: string; state: State }) {
  const { family, network, protocol, state } = props;
  const link = fragment({
    ...state,
    family: family.family,
    network: network.network_id,
    protocol,
  });
  return (
    <footer>
      <p>
        <a href={link}>Link to this view</a> <code>{link}</code>
      </p>
    </footer>
  );
}

const page = document.getElementById("page");
if (page) {
  page.replaceChildren();
  render(<App />, page);
}
