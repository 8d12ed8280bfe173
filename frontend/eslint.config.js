import { readdirSync } from "node:fs";
import imports from "eslint-plugin-import-x";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// The folders of src, the lowest first: each imports from those before it.
const LAYERS = [
  ["text", "styles"],
  ["api"],
  ["i18n"],
  ["state"],
  ["components"],
  ["markdown"],
  ["export"],
  ["answer"],
  ["scope", "people", "loop"],
  ["chat", "conversations", "library", "reader", "search"],
  ["shell"],
];
const TESTING = "testing"; // what tests share
const unplaced = readdirSync(new URL("src", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && ![...LAYERS.flat(), TESTING].includes(entry.name))
  .map(({ name }) => name);
if (unplaced.length > 0) throw new Error(`eslint.config.js: no layer for ${unplaced.join(", ")}`);

const downwards = LAYERS.flatMap((layer, level) =>
  layer.map((folder) => {
    const barred = [...LAYERS.slice(level).flat(), TESTING, "main"].filter((other) => other !== folder);
    return {
      files: [`src/${folder}/**/*.{ts,tsx}`],
      // A test puts together what it needs.
      ignores: ["**/*.test.{ts,tsx}"],
      rules: {
        "no-restricted-imports": [
          "error",
          {
            patterns: [
              {
                regex: `^(\\.\\./)+(${barred.join("|")})(/|$)`,
                message: `src/${folder} imports only from folders below it; see eslint.config.js.`,
              },
            ],
          },
        ],
      },
    };
  }),
);

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  ...tseslint.configs.strict,
  hooks.configs.flat.recommended,
  ...downwards,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "import-x": imports },
    settings: {
      "import-x/extensions": [".ts", ".tsx"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".tsx"] },
      "import-x/resolver-next": [imports.createNodeResolver({ extensions: [".ts", ".tsx"] })],
    },
    rules: { "import-x/no-cycle": "error" },
  },
);
