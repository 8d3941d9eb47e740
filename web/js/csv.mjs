// Tables of numbers as comma-separated values (RFC 4180), with a header line.
import { checkFinite, list as checkedList, reading, text as checkedText } from './arguments.mjs';
import { LeastActionError } from './errors.mjs';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function refuse(line, message) {
  throw new LeastActionError('bad-file', `CSV: line ${line}: ${message}`);
}

function wrong(message) {
  throw new LeastActionError('wrong-type', `writeCsv: ${message}`);
}

/** A field for a message: quoted, and short. */
function shown(field) {
  return JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}…` : field);
}

/**
 * The records of a table: `{ line, fields }` each, in order. Empty lines are passed over; an empty
 * quoted field is a record of its own.
 */
function* records(text) {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const fields = [];
    let quoted = false;
    for (let more = true; more;) {
      if (text[at] === '"') {
        quoted = true;
        let field = '';
        for (;;) {
          const end = text.indexOf('"', at + 1);
          if (end < 0) refuse(first, 'a quoted field does not end');
          field += text.slice(at + 1, end);
          at = end + 1;
          if (text[at] !== '"') break;
          field += '"';  // "" within quotes
        }
        for (const character of field) line += character === '\n' ? 1 : 0;
        fields.push(field);
        if (at < text.length && !/[,\r\n]/.test(text[at])) {
          refuse(line, `${shown(text.slice(at, at + 10))} after a closing quote; expected a comma or a new line`);
        }
      } else {
        const from = at;
        while (at < text.length && text[at] !== ',' && text[at] !== '\n') ++at;
        let to = at;
        if (text[at] !== ',' && text[to - 1] === '\r' && to > from) --to;
        const field = text.slice(from, to);
        if (field.includes('"')) {
          refuse(line, `${shown(field)} has a quote inside; expected it around the field, and doubled in it`);
        }
        if (field.includes('\r')) refuse(line, 'a carriage return without a line feed');
        fields.push(field);
      }
      more = text[at] === ',';
      if (more) ++at;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') ++at;
    else if (text[at] === '\r') refuse(line, 'a carriage return without a line feed');
    if (text[at] === '\n') { ++at; ++line; }
    if (quoted || fields.length > 1 || fields[0].trim() !== '') yield { line: first, fields };
  }
}

/** The number in a field: NaN for an empty one or nan. */
function number(field, column, line) {
  const trimmed = field.trim();
  if (trimmed === '' || /^nan$/i.test(trimmed)) return NaN;
  const value = NUMBER.test(trimmed) ? Number(trimmed) : Infinity;
  if (Number.isFinite(value)) return value;
  const hint = /^[+-]?\d+,\d+$/.test(trimmed) ? ' with a point, not a comma' : '';
  return refuse(line, `column ${shown(column)} has ${shown(field)}; expected a number${hint}`);
}

/**
 * Numbers by column, from a table with a header line: `{ columns, rows, values }`. Fields may be
 * quoted; an empty one, or nan, is NaN. The first thing that is wrong is refused with its line.
 */
export function readCsv(text) {
  const table = records(checkedText('text', text, Infinity));
  const head = table.next().value;
  if (!head) refuse(1, 'the table is empty; expected a header line');
  const columns = head.fields.map((field) => field.trim());
  const seen = new Set();
  for (const column of columns) {
    if (column === '') refuse(head.line, 'a column has no name');
    if (seen.has(column)) refuse(head.line, `the column ${shown(column)} is there twice`);
    seen.add(column);
  }
  if (columns.length === 1 && /[;\t]/.test(columns[0])) {
    refuse(head.line, `the header is ${shown(columns[0])}; expected commas between columns`);
  }
  if (columns.every((column) => NUMBER.test(column))) {
    refuse(head.line, 'the first line holds numbers; expected the names of the columns');
  }
  const lists = columns.map(() => []);
  for (const { line, fields } of table) {
    if (fields.length !== columns.length) {
      const hint = fields.length > columns.length ? '; decimal commas?' : '';
      refuse(line, `${fields.length} fields; the header has ${columns.length}${hint}`);
    }
    for (let i = 0; i < fields.length; ++i) lists[i].push(number(fields[i], columns[i], line));
  }
  // fromEntries defines every name as a property of its own, __proto__ too.
  const values = Object.fromEntries(columns.map((column, i) => [column, Float64Array.from(lists[i])]));
  return { columns, rows: lists[0].length, values };
}

/** A name or text as a field: in quotes where it must be. */
function quotedField(field) {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** The shortest text that reads back as the same double; nothing for NaN. */
function numberField(value) {
  if (Number.isNaN(value)) return '';
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * A table of columns of equal length, from an object or from pairs [name, numbers] (an object's keys
 * that are whole numbers JavaScript puts first, whatever was wanted). NaN becomes an empty field.
 */
export function writeCsv(columns) {
  return reading('columns', () => write(columns));
}

function write(columns) {
  if (typeof columns !== 'object' || columns === null) wrong('columns is not an object of columns');
  const isIterable = typeof columns[Symbol.iterator] === 'function';
  const pairs = isIterable ? Array.from(columns) : Object.entries(columns);
  if (pairs.length === 0) wrong('there are no columns');
  const names = new Set();
  const lists = pairs.map((pair) => {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || pair[0].trim() === '') {
      wrong('a column has no name; expected an object of columns or pairs [name, numbers]');
    }
    const [name] = pair;
    if (names.has(name)) wrong(`the column ${shown(name)} is there twice`);
    names.add(name);
    const list = checkedList(`column ${shown(name)}`, pair[1]);
    checkFinite(`column ${shown(name)}`, list, 0, list.length, true);
    return list;
  });
  const rows = lists[0].length;
  const other = lists.findIndex((list) => list.length !== rows);
  if (other > 0) {
    wrong(`column ${shown(pairs[0][0])} has ${rows} numbers, ${shown(pairs[other][0])} ${lists[other].length}; ${
      ''}expected as many`);
  }
  const lines = [[...names].map(quotedField).join(',')];
  for (let row = 0; row < rows; ++row) {
    const line = lists.map((list) => numberField(list[row])).join(',');
    lines.push(line === '' ? '""' : line);  // an empty line would be passed over
  }
  return `${lines.join('\n')}\n`;
}
