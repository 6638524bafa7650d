// Published verifiers of Standard Webhooks for JavaScript judge what a receiver
// gets from Graphwarden, and what forgers make of it. GRAPHWARDEN_LETTERS is the
// file that the room deliver wrote with -letters.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";

import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { Webhook as SvixAlone } from "svix-alone"; // before it was built on standardwebhooks

const require = createRequire(import.meta.url);
const letters = JSON.parse(readFileSync(process.env.GRAPHWARDEN_LETTERS, "utf8"));

for (const [name, Webhook] of Object.entries({ standardwebhooks: Standard, svix: Svix, "svix-alone": SvixAlone })) {
  test(`${name} ${require(`./node_modules/${name}/package.json`).version} judges ${letters.length} letters`, () => {
    assert.ok(letters.length >= 19);
    for (const letter of letters) {
      let reason = "";
      try {
        new Webhook(letter.secret).verify(Buffer.from(letter.body, "base64").toString("utf8"), letter.headers);
      } catch (e) {
        reason = e.message || "refused";
      }
      assert.equal(reason === "", letter.good, `${letter.name}: ${reason || "it was believed"}`);
    }
  });
}
