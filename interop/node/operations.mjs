// Counts the operations of Microsoft Graph in a record of the simulator's
// answers: method and path, ids left out. Prints each with the statuses that it
// was answered with, and how many there are.
//
//   node operations.mjs RECORD [FEWEST]
//
// Fails when there are fewer than FEWEST that succeeded.
import { readFileSync } from "node:fs";

const [record, fewest = "0"] = process.argv.slice(2);
const operations = new Map();
for (const line of readFileSync(record, "utf8").split("\n")) {
  if (!line) continue;
  const { method, url, status } = JSON.parse(line);
  const name = `${method} ${template(url)}`;
  operations.set(name, (operations.get(name) ?? new Set()).add(status));
}
for (const name of [...operations.keys()].sort((a, b) => a.split(" ")[1].localeCompare(b.split(" ")[1]))) {
  console.log(`  ${name}  ${[...operations.get(name)].sort().join(" ")}`);
}
const succeeded = [...operations.values()].filter((statuses) => Math.min(...statuses) < 300).length;
console.log(`${operations.size} operations, ${succeeded} of them succeeded`);
process.exitCode = succeeded < Number(fewest) ? 1 : 0;

/** The path of an operation without its query and ids; words of Graph's paths are letters, at most thirty. */
function template(url) {
  const parts = decodeURIComponent(url.split("?")[0]).split("/").slice(1);
  return parts.map((part) => part.replace(/\(.*=.*\)$/, "({id})").replace(/\(\)$/, ""))
    .map((part) => (/^(\$?[a-zA-Z.]{1,30}|oauth2PermissionGrants)(\({id}\))?$/.test(part) ? `/${part}` : "/{id}")).join("");
}
