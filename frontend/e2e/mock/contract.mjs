// Holds the stand-in server to openapi.json: what it is asked and what it answers must both be as
// the API says, or a test that passes against it proves nothing.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const spec = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(spec, "api");

const EVENTS = {
  asked: "Asked",
  queued: "Queued",
  stage: "Stage",
  retrieved: "Retrieved",
  evidence: "EvidenceFound",
  token: "TokenPiece",
  thought: "ThoughtPiece",
  citations: "Citations",
  done: "Answer",
  error: "ErrorBody",
};
const paths = Object.keys(spec.paths).map((template) => ({
  template,
  pattern: new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
}));

/** Throws unless a request's JSON body is what the API takes. */
export function checkRequest(method, path, body) {
  const { template, operation } = find(method, path);
  const content = operation.requestBody?.content?.["application/json"];
  if (content)
    check(
      ["paths", template, method.toLowerCase(), "requestBody", "content", "application/json", "schema"],
      body,
      `${method} ${path}`,
    );
}

/** Throws unless a response's JSON body is what the API promises. */
export function checkResponse(method, path, status, body) {
  const { template, operation } = find(method, path);
  const response = operation.responses[status];
  if (!response) throw new Error(`${method} ${path} never answers ${status}`);
  if (response.content?.["application/json"]) {
    const place = [
      "paths",
      template,
      method.toLowerCase(),
      "responses",
      String(status),
      "content",
      "application/json",
      "schema",
    ];
    check(place, body, `${status} of ${method} ${path}`);
  }
}

/** Throws unless the data of an event of an answer's stream is what the API promises. */
export function checkEvent(name, data) {
  if (!EVENTS[name]) throw new Error(`no event is called ${name}`);
  check(["components", "schemas", EVENTS[name]], data, `event ${name}`);
}

function find(method, path) {
  // Fixed parts before placeholders: /documents/x is no /documents/{id}.
  const fitting = paths.filter(({ pattern }) => pattern.test(`/${path}`));
  const known = fitting.find(({ template }) => template === `/${path}`) ?? fitting[0];
  const operation = known && spec.paths[known.template][method.toLowerCase()];
  if (!operation) throw new Error(`the API has no ${method} /${path}`);
  return { template: known.template, operation };
}

function check(place, value, what) {
  const pointer = place
    .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
    .join("/");
  const validate = ajv.getSchema(`api#/${pointer}`);
  if (!validate) throw new Error(`no schema at ${pointer}`);
  if (validate(value)) return;
  const faults = validate.errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
  throw new Error(`${what} is not as openapi.json says: ${faults.slice(0, 5).join("; ")}`);
}
