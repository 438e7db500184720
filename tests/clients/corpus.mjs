// Generates GraphQL documents: valid ones with fragments, directives, defaults, aliases and repeated keys, and ones with
// a mistake. The same seed gives the same documents.

import {
  getNamedType, isCompositeType, isEnumType, isInputObjectType, isInterfaceType, isListType, isNonNullType, isObjectType,
  isRequiredArgument,
} from 'graphql';

/** A generator of numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const text = JSON.stringify;

/**
 * Generates documents over a schema. `roots` names the root fields that may be asked for, and `values` gives the values
 * that an argument may have: `values(fieldName, argumentName)` returns a list, or nothing for any value of the type.
 */
export class Corpus {
  constructor(schema, { seed, roots, values, skipFields = [] }) {
    Object.assign(this, { schema, roots, values, skipFields });
    this.random = randomFrom(seed);
  }

  chance(probability) {
    return this.random() < probability;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** A request: `{ query, variables, operationName }`, and the name of its mistake if it has one. */
  next() {
    this.definitions = [];
    this.declared = new Map();
    this.fragments = [];
    this.budget = 24;
    const isMutation = this.chance(0.1);
    const root = isMutation ? this.schema.getMutationType() : this.schema.getQueryType();
    let body = this.selection(root, 0, isMutation ? this.roots.mutation : this.roots.query);
    let mistake;
    if (this.chance(0.3)) ({ body, mistake } = this.spoil(body, root));
    const declarations = [...this.declared.values()].map(({ name, type, defaultValue }) =>
      `$${name}: ${type}${defaultValue === undefined ? '' : ` = ${defaultValue}`}`);
    const header = declarations.length ? `(${declarations.join(', ')})` : '';
    const keyword = isMutation ? 'mutation' : 'query';
    const hasName = this.chance(0.5);
    let query = `${keyword}${hasName ? ' Main' : ''}${hasName || header ? '' : ' '}${header} ${body}`;
    if (!isMutation && !hasName && !header && this.chance(0.5)) query = body;
    const request = { query: [query, ...this.fragments].join('\n'), variables: {} };
    if (hasName && this.chance(0.5)) request.operationName = 'Main';
    if (hasName && this.chance(0.1)) request.query += '\nquery Other { __typename }';
    if (this.chance(0.02)) request.operationName = 'Nobody';
    for (const variable of this.declared.values()) {
      const value = variable.value();
      if (value !== undefined) request.variables[variable.name] = value;
    }
    if (this.chance(0.1)) request.variables.extra = 1;
    if (mistake === undefined && this.chance(0.05) && this.declared.size > 0) {
      mistake = 'a wrong variable';
      const variable = this.pick([...this.declared.values()]);
      const wrong = [{ no: 1 }, [[1]], 'oops', 1.5, true, -1, 5.0];
      if (variable.defaultValue === undefined) wrong.push(null);
      request.variables[variable.name] = this.pick(wrong);
    }
    return { request, mistake };
  }

  /** A selection set of a type. */
  selection(type, depth, only) {
    const parts = [];
    const count = 1 + Math.floor(this.random() * 4);
    for (let index = 0; index < count; index += 1) parts.push(this.item(type, depth, only));
    // A repeated key: what is merged.
    if (this.chance(0.2)) parts.push(this.pick(parts));
    return `{ ${parts.join(' ')} }`;
  }

  item(type, depth, only) {
    const roll = this.random();
    if (roll < 0.12 && depth < 5) return this.inlineFragment(type, depth, only);
    if (roll < 0.24 && depth < 5) return this.spread(type, depth, only);
    if (roll < 0.32) return `${this.chance(0.3) ? 'itsType: ' : ''}__typename${this.directives()}`;
    return this.field(type, depth, only);
  }

  field(type, depth, only) {
    this.budget -= 1;
    let fields = Object.values(type.getFields()).filter(({ name }) => !this.skipFields.includes(`${type}.${name}`));
    if (only) fields = fields.filter(({ name }) => only.includes(name));
    if (depth >= 5 || this.budget < 0) {
      const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
      if (leaves.length === 0) return '__typename';
      fields = leaves;
    }
    const field = this.pick(fields);
    const named = getNamedType(field.type);
    const { key, args } = this.argumentsOf(type, field);
    const below = isCompositeType(named) ? ` ${this.selection(named, depth + 1)}` : '';
    return `${key}${field.name}${args}${this.directives()}${below}`;
  }

  /** Arguments, with an alias that tells them apart, so that fields of one key can be merged. */
  argumentsOf(type, field) {
    const given = field.args.filter((arg) => isRequiredArgument(arg) || this.chance(0.3));
    if (given.length === 0) return { key: this.chance(0.15) ? `${field.name}${this.pick([1, 2])}: ` : '', args: '' };
    const args = given.map((arg) => `${arg.name}: ${this.value(arg.type, `${type}.${field.name}.${arg.name}`)}`);
    const written = `(${args.join(', ')})`;
    let hash = 7;
    for (const letter of written) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
    return { key: this.chance(0.97) ? `k${hash.toString(36)}: ` : '', args: written };
  }

  /** A literal or a variable for a position. */
  value(type, position) {
    const known = this.values(position);
    if (known) {
      const value = this.pick(known);
      return this.chance(0.3) ? this.variable(type, value) : this.literal(type, value);
    }
    const value = this.any(type, position);
    return this.chance(0.3) ? this.variable(type, value) : this.literal(type, value);
  }

  /** Any value of a type, as JSON. */
  any(type, position) {
    if (isNonNullType(type)) return this.any(type.ofType, position);
    if (this.chance(0.05)) return null;
    if (isListType(type)) {
      return Array.from({ length: Math.floor(this.random() * 3) }, () => this.nonNull(type.ofType, position));
    }
    if (isEnumType(type)) return this.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) =>
        (isNonNullType(field.type) && field.defaultValue === undefined) || this.chance(0.4));
      return Object.fromEntries(fields.map((field) => {
        const known = this.values(`${type}.${field.name}`);
        return [field.name, known ? this.pick(known) : this.nonNull(field.type, `${type}.${field.name}`)];
      }));
    }
    switch (type.name) {
      case 'Int': return this.pick([0, 1, 2, 3, 100]);
      case 'Boolean': return this.chance(0.5);
      case 'DateTime': return this.pick(['2026-03-01T12:00:00Z', '2020-01-01T00:00:00+02:00']);
      default: return this.pick(['', 'x', 'US', 'ä "quoted" \\ \n line']);
    }
  }

  nonNull(type, position) {
    for (;;) {
      const value = this.any(type, position);
      if (value !== null) return value;
    }
  }

  literal(type, value) {
    if (isNonNullType(type)) return this.literal(type.ofType, value);
    if (value === null) return 'null';
    if (isListType(type)) {
      if (!Array.isArray(value)) return this.literal(type.ofType, value);
      if (value.length === 1 && this.chance(0.3)) return this.literal(type.ofType, value[0]);
      return `[${value.map((item) => this.inner(type.ofType, item)).join(', ')}]`;
    }
    if (isEnumType(type)) return value;
    if (isInputObjectType(type)) {
      const fields = type.getFields();
      return `{ ${Object.entries(value).map(([name, item]) => `${name}: ${this.inner(fields[name].type, item)}`).join(', ')} }`;
    }
    if (type.name === 'String' && this.chance(0.1)) return `"""${value.replaceAll('\\', '').replaceAll('\n', ' ')}"""`;
    return text(value);
  }

  /** A value inside another literal, which may be a variable. */
  inner(type, value) {
    return this.chance(0.15) ? this.variable(type, value) : this.literal(type, value);
  }

  /** Declares a variable of this value, and sometimes leaves it to its default. */
  variable(type, value) {
    const name = `v${this.declared.size}`;
    const isList = isListType(isNonNullType(type) ? type.ofType : type);
    const plain = isNonNullType(type) ? type.ofType : type;
    const usesDefault = value !== null && this.chance(0.3);
    const saved = this.declared;
    this.declared = new Map();
    const constant = usesDefault ? this.constant(plain, value) : undefined;
    this.declared = saved;
    const declaredType = isNonNullType(type) && !usesDefault ? type : plain;
    const given = isList && Array.isArray(value) && value.length === 1 && this.chance(0.3) ? value[0] : value;
    // A nullable variable may be left out altogether where its position is nullable.
    const isLeftOut = usesDefault || (!isNonNullType(type) && this.chance(0.15));
    this.declared.set(name, {
      name,
      type: String(this.chance(0.2) ? nonNullOf(declaredType, isLeftOut && !usesDefault) : declaredType),
      defaultValue: constant,
      value: () => (isLeftOut ? undefined : given),
    });
    return `$${name}`;
  }

  /** A literal without variables. */
  constant(type, value) {
    const chance = this.chance;
    this.chance = () => false;
    const written = this.literal(type, value);
    this.chance = chance;
    return written;
  }

  directives() {
    if (!this.chance(0.12)) return '';
    const one = (name) => {
      const roll = this.random();
      if (roll < 0.4) return `@${name}(if: ${this.chance(0.5)})`;
      const variable = `c${Math.floor(this.random() * 3)}`;
      if (!this.declared.has(variable)) {
        const value = this.chance(0.5);
        const form = this.random();
        this.declared.set(variable, {
          name: variable,
          type: form < 0.5 ? 'Boolean!' : 'Boolean',
          defaultValue: form < 0.5 && form > 0.25 ? undefined : String(!value),
          value: () => (form < 0.5 && form > 0.25 ? value : this.chance(0.5) ? value : undefined),
        });
      }
      return `@${name}(if: $${variable})`;
    };
    const first = this.pick(['skip', 'include']);
    const second = first === 'skip' ? 'include' : 'skip';
    return this.chance(0.15) ? ` ${one(first)} ${one(second)}` : ` ${one(first)}`;
  }

  /** A type on which a fragment may be spread into a selection of a type. */
  condition(type) {
    if (isInterfaceType(type)) return this.chance(0.3) ? type : this.pick(this.schema.getPossibleTypes(type));
    const interfaces = isObjectType(type) ? type.getInterfaces() : [];
    return interfaces.length > 0 && this.chance(0.2) ? this.pick(interfaces) : type;
  }

  inlineFragment(type, depth, only) {
    if (this.chance(0.25)) return `...${this.directives()} ${this.selection(type, depth + 1, only)}`;
    const condition = this.condition(type);
    return `... on ${condition}${this.directives()} ${this.selection(condition, depth + 1, condition === type ? only : undefined)}`;
  }

  spread(type, depth, only) {
    const known = this.fragments.filter((fragment) => fragment.on === type.name);
    if (known.length > 0 && this.chance(0.4)) return `...${this.pick(known).fragmentName}${this.directives()}`;
    const condition = this.condition(type);
    const fragmentName = `F${this.fragments.length}`;
    // Reserved before its body is made, which may make others.
    const fragment = { fragmentName, on: undefined, body: '', toString() { return this.body; } };
    this.fragments.push(fragment);
    fragment.body = `fragment ${fragmentName} on ${condition} ${this.selection(condition, depth + 1, condition === type ? only : undefined)}`;
    fragment.on = condition.name;
    return `...${fragmentName}${this.directives()}`;
  }

  /** Adds a mistake. */
  spoil(body, root) {
    const add = (part) => `{ ${part} ${body.slice(1)}`;
    const mistakes = {
      'an unknown field': () => add('nothingOfThatName'),
      'an unknown field below': () => add('viewer { nothingOfThatName }'),
      'an unknown argument': () => add('viewer(x: 1) { id }'),
      'an unknown argument of __typename': () => add('__typename(x: 1)'),
      'a selection of __typename': () => add('__typename { id }'),
      'an unknown directive': () => add('__typename @sometimes'),
      'a repeated directive': () => add('viewer @skip(if: false) @skip(if: false) { id }'),
      'a directive without its argument': () => add('viewer @skip { id }'),
      'a directive with a wrong argument': () => add('viewer @skip(if: "x") { id }'),
      'a leaf with a selection': () => add('viewer { id { x } }'),
      'an object without a selection': () => add('viewer'),
      'a missing argument': () => add('message { id }'),
      'a null argument': () => add('message(id: null) { id }'),
      'a wrong argument': () => add('m: messages(first: "two") { latestCursor }'),
      'a number of too many bits': () => add('m: messages(first: 3000000000) { latestCursor }'),
      'a wrong enum': () => add('m: messages(filter: { types: [NO] }) { latestCursor }'),
      'a string for an enum': () => add('m: messages(filter: { types: ["OTP"] }) { latestCursor }'),
      'an unknown input field': () => add('m: messages(filter: { no: 1 }) { latestCursor }'),
      'a repeated input field': () => add('m: messages(filter: { isRead: true, isRead: true }) { latestCursor }'),
      'a repeated argument': () => add('m: messages(first: 1, first: 1) { latestCursor }'),
      'a wrong scalar': () => add('m: messages(filter: { since: "yesterday" }) { latestCursor }'),
      'a conflict': () => add('x: viewer { id } x: messages { latestCursor }'),
      'a conflict below': () => add('x: viewer { y: id } x: viewer { y: email }'),
      'a conflict of arguments': () => add('x: messages(first: 1) { latestCursor } x: messages(first: 2) { latestCursor }'),
      'a conflict of lists': () => add('x: nodes(ids: ["a"]) { id } x: nodes(ids: ["a", "b"]) { id }'),
      'a conflict of shapes': () => add('n: node(id: "x") { ... on User { a: email } ... on Message { a: isRead } }'),
      'a conflict with a fragment': () => {
        this.fragments.push('fragment Conflict on User { y: email }');
        return add('x: viewer { y: id ...Conflict }');
      },
      'an undefined variable': () => add('m: messages(first: $missing) { latestCursor }'),
      'an undefined variable inside': () => add('m: messages(filter: { isRead: $missing }) { latestCursor }'),
      'an unused variable': () => {
        this.declared.set('unused', { name: 'unused', type: 'Int', value: () => undefined });
        return body;
      },
      'a variable of an unknown type': () => {
        this.declared.set('odd', { name: 'odd', type: 'Nothing', value: () => undefined });
        return add('m: messages(first: $odd) { latestCursor }');
      },
      'a variable of an output type': () => {
        this.declared.set('odd', { name: 'odd', type: 'User', value: () => undefined });
        return add('m: messages(first: $odd) { latestCursor }');
      },
      'a nullable variable where null is not allowed': () => {
        this.declared.set('id', { name: 'id', type: 'ID', value: () => 'msg_1' });
        return add('m: message(id: $id) { id }');
      },
      'a nullable variable inside a list of non-null': () => {
        this.declared.set('id', { name: 'id', type: 'ID', value: () => 'msg_1' });
        return add('m: nodes(ids: [$id]) { id }');
      },
      'a variable of another type': () => {
        this.declared.set('count', { name: 'count', type: 'String', value: () => 'x' });
        return add('m: messages(first: $count) { latestCursor }');
      },
      'a variable of another type inside': () => {
        this.declared.set('count', { name: 'count', type: 'String', value: () => 'x' });
        return add('m: messages(filter: { isRead: $count }) { latestCursor }');
      },
      'a wrong default': () => {
        this.declared.set('count', { name: 'count', type: 'Int', defaultValue: '"x"', value: () => undefined });
        return add('m: messages(first: $count) { latestCursor }');
      },
      'an unknown fragment': () => add('...Nowhere'),
      'an unused fragment': () => {
        this.fragments.push('fragment Unused on User { id }');
        return body;
      },
      'a repeated fragment': () => {
        this.fragments.push('fragment Twice on User { id }', 'fragment Twice on User { id }');
        return add('viewer { ...Twice }');
      },
      'a circular fragment': () => {
        this.fragments.push('fragment Round on User { id ...Round }');
        return add('viewer { ...Round }');
      },
      'a fragment that never applies': () => add('viewer { ... on Message { id } }'),
      'a fragment on an unknown type': () => add('viewer { ... on Nothing { id } }'),
      'a fragment on a scalar': () => add('viewer { ... on String { id } }'),
      'a field of another type of an interface': () => add('n: node(id: "x") { email }'),
      'a bracket too few': () => body.slice(0, -1),
      'a bracket too many': () => `${body} }`,
      'an empty selection': () => add('viewer { }'),
      'empty arguments': () => add('viewer() { id }'),
      'an open string': () => add('m: message(id: "x) { id }'),
      'a wrong escape': () => add('m: message(id: "\\q") { id }'),
      'half a surrogate pair': () => add('m: message(id: "\\uD83D") { id }'),
      'a name with a dash': () => add('a-b'),
      'a number with a leading zero': () => add('m: messages(first: 01) { latestCursor }'),
    };
    const onQuery = root === this.schema.getQueryType();
    const names = Object.keys(mistakes).filter((name) => onQuery || /unused|bracket|unknown field$|typename/.test(name));
    const mistake = this.pick(names);
    return { body: mistakes[mistake](), mistake };
  }
}

function nonNullOf(type, isLeftOut) {
  return isLeftOut || isNonNullType(type) ? type : `${type}!`;
}
