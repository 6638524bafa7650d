import assert from "node:assert/strict";

/**
 * A person at the sign-in pages: follows redirects, fills in the forms that are
 * shown, and stops where no form is left.
 */
export class Browser {
  #cookies = new Map();

  constructor(who, confirm = "accept") {
    this.answers = { login: who.userPrincipalName, passwd: who.password, consent: "accept", confirm };
  }

  /** Goes through the pages from address on and gives the address where it ended. */
  async visit(address) {
    let [page, at] = await this.#follow(address, {});
    for (let i = 0; i < 8; i++) {
      const action = page.match(/<form[^>]*action="([^"]*)"/);
      if (!action) return at;
      const values = new URLSearchParams();
      for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) {
        values.set(name, plain(value));
      }
      for (const [name, value] of Object.entries(this.answers)) {
        if (page.includes(`name="${name}"`)) values.set(name, value);
      }
      [page, at] = await this.#follow(new URL(plain(action[1]), at), { method: "POST", body: values });
    }
    assert.fail(`the sign-in pages do not end; the last was ${at}`);
  }

  async #follow(address, init) {
    for (let at = new URL(address); ; init = {}) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await fetch(at, { ...init, redirect: "manual", headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        this.#cookies.set(name, value);
      }
      const next = answer.headers.get("location");
      if (!next) return [await answer.text(), at];
      at = new URL(next, at);
    }
  }
}

/** An attribute's text without its escapes. */
function plain(text) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) => (code ? String.fromCharCode(code) : (named[name] ?? whole)));
}
