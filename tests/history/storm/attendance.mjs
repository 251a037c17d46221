/** Who is in the rooms, as those know it who are, and what members are shown of that. */

/** The truth: clients by their ids, with the node that each is connected to. */
export class Attendance {
  #records;
  #nodes = new Map(); // by client id, also of those who have gone
  #rooms;

  constructor(records, rooms) {
    this.#records = records;
    this.#rooms = new Map(rooms.map((room) => [room, new Set()]));
  }

  /** Before it joins anything. */
  connected(id, node) {
    this.#nodes.set(id, node);
  }

  nodeOf(id) {
    return this.#nodes.get(id);
  }

  came(id, room) {
    const here = this.#rooms.get(room);
    if (here.has(id)) return;
    here.add(id);
    this.#records.add('present', { room, key: id, node: this.nodeOf(id) });
  }

  gone(id) {
    for (const [room, here] of this.#rooms) {
      if (here.delete(id)) this.#records.add('absent', { room, key: id });
    }
  }

  /** A node ends, by whatever: its clients notice that after the others have. */
  ends(node) {
    for (const [id, its] of this.#nodes) {
      if (its === node) this.gone(id);
    }
  }

  of(room) {
    return this.#rooms.get(room);
  }
}

/** What one client is shown of a room: everybody once, and then what changes. */
class View {
  #members = new Set();
  #count = 0;
  #isListed = false;

  constructor(records, attendance, who, room) {
    Object.assign(this, { records, attendance, who, room });
  }

  /** `isFirst`: after a join. */
  take({ version, clients, members, joined, left }, isFirst) {
    const { records, who, room } = this;
    const isChange = joined !== undefined || left !== undefined;
    records.add(isFirst ? 'shown' : 'shown_more', { who, room, top: version, ...(!isFirst && !isChange && { gave: true }) });
    if (!isChange) this.#members.clear();
    for (const id of left ?? []) {
      this.#members.delete(id);
      records.add('unseen', { who, room, key: id });
    }
    for (const { id } of members ?? joined ?? []) {
      this.#members.add(id);
      records.add('seen', { who, room, key: id, node: this.attendance.nodeOf(id) ?? 'nobody' });
    }
    this.#count = clients;
    this.#isListed = isChange || members !== undefined;
    records.add('numbers', { who, room, count: clients, ...(this.#isListed && { gave: true }) });
  }

  isTrue() {
    const truth = this.attendance.of(this.room);
    if (this.#count !== truth.size) return false;
    return !this.#isListed || [...truth].every((id) => this.#members.has(id));
  }
}

/** Of one client, over its connections. */
export class Views {
  #views = new Map();

  constructor(records, attendance, who) {
    Object.assign(this, { records, attendance, who });
  }

  take(data) {
    const { room } = data;
    const known = this.#views.get(room);
    const view = known ?? new View(this.records, this.attendance, this.who, room);
    this.#views.set(room, view);
    view.take(data, !known);
  }

  /** The connection is gone. */
  clear() {
    this.#views.clear();
  }

  has(room) {
    return this.#views.has(room);
  }

  isTrue(room) {
    return this.#views.get(room)?.isTrue() ?? false;
  }
}

/**
 * When nodes said that they live, by the clock of the store, which is that of this machine. Instances have other names
 * there; those who are in rooms are known by both.
 */
export class Beats {
  #times = new Map(); // by instance, all of them
  #names = new Map(); // of instances

  /** `living`: instances and until when they live, in ms of the epoch, as Redis lists them. */
  saw(living, life) {
    for (let i = 0; i + 1 < living.length; i += 2) {
      const times = this.#times.get(living[i]) ?? new Set();
      this.#times.set(living[i], times.add(Number(living[i + 1]) - life));
    }
  }

  /** A report of presence, as instances send them to each other. */
  heard({ node, joined }, attendance) {
    const name = joined?.map(({ id }) => attendance.nodeOf(id)).find(Boolean);
    if (name) this.#names.set(node, name);
  }

  write(records) {
    for (const [instance, times] of this.#times) {
      const who = this.#names.get(instance);
      if (!who) continue; // nobody has been on it
      for (const time of times) records.add('beat', { who, at: records.at(time) });
    }
  }
}
