// <hold-timer>: keeps the hold's clock true, says it aloud late, and warns a minute before the end.
// Counts down from the seconds that the server said were left, so a wrong clock on the buyer's side does no harm.
// Without this file the text and the form "Hold them for longer" work as they stand.

const WARN_SECONDS = 60;
const ALOUD_SECONDS = 300;

class HoldTimer extends HTMLElement {
  connectedCallback() {
    this.find = (name) => this.querySelector(`[data-hold-${name}]`);
    this.addEventListener("click", (event) => this.pressed(event));
    this.beat = setInterval(() => (this.isConnected ? this.tick() : clearInterval(this.beat)), 1000);
    this.start(Number(this.dataset.secondsLeft));
  }

  start(seconds) {
    // Some machines stop the first clock while they sleep, and the second can be set: the later of the two is believed.
    const began = [performance.now(), Date.now()];
    this.left = () => Math.max(0, Math.round(seconds - Math.max(performance.now() - began[0], Date.now() - began[1]) / 1000));
    this.minutes = Math.ceil(seconds / 60);
    this.warned = false;
    this.tick();
  }

  tick() {
    const left = this.left();
    if (left === 0) return this.end();
    const minutes = Math.ceil(left / 60);
    write(this.find("left"), inWords(minutes));
    write(this.find("seconds"), ` (${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`);
    if (minutes !== this.minutes && left <= ALOUD_SECONDS) this.say(`Your tickets are held for ${inWords(minutes)} more.`);
    this.minutes = minutes;
    if (left > WARN_SECONDS || this.warned) return;
    this.warned = true;
    this.find("warning").showModal(); // the browser moves the focus in, and back on closing
  }

  // Nothing is sent and nothing is cleared: what was typed goes with the next press, and the server says what is left.
  end() {
    clearInterval(this.beat);
    this.find("warning").close();
    for (const button of this.renewals()) button.hidden = true;
    write(this.querySelector("p"), "The time your tickets were held for has run out. Go on to try to get them again: what you typed is kept.");
    this.say("The time your tickets were held for has run out.");
  }

  renewals() {
    return [...this.querySelectorAll("button")].filter((button) => address(button).endsWith("/renewals/"));
  }

  async pressed(event) {
    const button = event.target.closest("button");
    if (!this.renewals().includes(button)) return;
    event.preventDefault(); // sent from here, so that nothing typed on the page is lost
    this.asking ??= renewed(address(button)).finally(() => (this.asking = undefined));
    const hold = await this.asking;
    this.find("warning").close();
    if (!hold) return this.say("Your tickets could not be held for longer.", true);
    this.start(hold.seconds_left);
    this.say(`Your tickets are held for ${inWords(this.minutes)} more.`);
    if (!hold.renewals_left) for (const each of this.renewals()) each.hidden = true;
  }

  say(words, seen = false) {
    write(this.find("announce"), words);
    this.find("announce").classList.toggle("visually-hidden", !seen);
  }
}

const address = (button) => button.getAttribute("formaction") ?? button.form?.getAttribute("action") ?? "";
const inWords = (minutes) => `${minutes} minute${minutes === 1 ? "" : "s"}`;
const write = (element, words) => element.textContent === words || (element.textContent = words);

// What the server says is left now ({seconds_left, renewals_left}), or null when it could not renew.
async function renewed(url) {
  const answer = await fetch(url, { method: "POST", headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json().catch(() => null) : null;
}

customElements.define("hold-timer", HoldTimer);
