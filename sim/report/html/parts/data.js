"use strict";
// What the page knows of its runs. Times are in microseconds.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const clock = (at) => (at / 1e6).toFixed(3) + " s";

// make returns an element with properties and children.
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// unfold turns columns into events.
function unfold(columns) {
  let seq = 0, at = 0;
  return columns.seq === null ? [] : columns.seq.map((step, i) => {
    seq += step;
    at += columns.at[i];
    return { seq, at, cause: columns.back[i] && seq - columns.back[i], level: +columns.level[i],
      actor: columns.actors[columns.actor[i]], text: columns.texts[columns.text[i]] };
  });
}

// inflate reads what was packed by deflate and written in base64.
async function inflate(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

// Story is the events of one run.
class Story {
  constructor(told) {
    this.packed = told.rest;
    this.more = told.more;
    this.set(unfold(told.events));
  }

  set(events) {
    this.events = events;
    this.places = new Map(events.map((e, i) => [e.seq, i]));
    this.led = null;
  }

  // whole adds the events that were packed away; false says that this browser cannot.
  async whole() {
    if (!this.more) return true;
    if (typeof DecompressionStream === "undefined") return false;
    this.loading ??= inflate(this.packed).then((columns) => {
      this.more = 0;
      this.set([...this.events, ...unfold(columns)].sort((a, b) => a.seq - b.seq));
    });
    await this.loading;
    return true;
  }

  event(seq) { return this.events[this.places.get(seq)]; }

  // chain is an event and those that led to it, the first cause first.
  chain(seq) {
    const chain = [];
    for (let e = this.event(seq); e; e = this.event(e.cause)) chain.unshift(e);
    return chain;
  }

  // effects are the events that one led to directly.
  effects(seq) {
    if (!this.led) {
      this.led = new Map();
      for (const e of this.events) if (e.cause) this.led.has(e.cause) ? this.led.get(e.cause).push(e) : this.led.set(e.cause, [e]);
    }
    return this.led.get(seq) ?? [];
  }
}

const stories = data.runs.map((told) => new Story(told));
