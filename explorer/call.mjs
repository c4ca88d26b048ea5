// For the tests: asks what the page would compute. Reads a JSON list of questions, each with its
// name and what it is about, and prints a JSON list of answers; whole numbers of any size are text.
import { text } from "node:stream/consumers";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: [new URL("src/library.ts", import.meta.url).pathname],
  bundle: true,
  write: false,
  format: "esm",
});
const code = Buffer.from(outputFiles[0].text).toString("base64");
const library = await import(`data:text/javascript;base64,${code}`);

const QUESTIONS = {
  /** Interpretations of a circuit: how many, and the first of them. */
  interpretations({ family, network, output, edges, most }) {
    const single = library.singleOutput(family, network, output);
    const found = new library.Interpretations(single, edges, family.tie_tolerance);
    const listed = [];
    for (let i = 0n; i < found.total && i < BigInt(most); i++) {
      listed.push({ readings: found.at(i), reading: found.readingOf(i) });
    }
    return { total: found.total, reachable: found.reachable, listed };
  },
  /** Per place and variable of a formula, the pairs on which network and formula agree. */
  agreements({ family, network, output, formula, protocol }) {
    const single = library.singleOutput(family, network, output);
    const root = library.parse(formula);
    const variables = library.variablesOf(root, protocol.variables);
    return library.places(single.layerSizes).map((place) => {
      const outputs = library.intervene(single, place);
      return {
        place,
        counts: variables.map((variable) =>
          library.agreement(protocol, outputs, library.required(root, variable, single.rows)),
        ),
      };
    });
  },
  /** A formula's intermediate variables, each with the answers that it requires. */
  variables({ formula, rule, rows }) {
    const root = library.parse(formula);
    return {
      printed: library.printed(root),
      variables: library
        .variablesOf(root, rule)
        .map((node) => [
          library.printed(node),
          library.required(root, node, rows).flat().join(""),
        ]),
    };
  },
  circuits({ detail, family, protocols }) {
    return library
      .circuitsOf(detail, family, protocols)
      .map((circuit) => ({ ...circuit, countedUnder: [...circuit.countedUnder] }));
  },
  /** Circuits that one protocol counts and another does not, listed or not. */
  difference({ detail, family, protocols, counting, not }) {
    return library.circuitsIn(library.cellsOf(detail, family, protocols), counting, not);
  },
  place: ({ bits, sizes }) => library.placeOfBits(bits, sizes),
  address: ({ fragment }) => library.fragment(library.parseFragment(fragment)),
  count: ({ value }) => library.count(value),
  gate: ({ gate, ofInputs }) => library.gateLines(gate, ofInputs),
};

const asked = JSON.parse(await text(process.stdin));
const answers = asked.map(({ name, ...about }) => QUESTIONS[name](about));
const plain = (_, value) => (typeof value === "bigint" ? `${value}` : value);
process.stdout.write(JSON.stringify(answers, plain));
