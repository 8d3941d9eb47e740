// Files that other programs write and read: .npy as NumPy has them (its bytes are below), safetensors
// put together here by hand from the format's description, CSV by RFC 4180.

const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const decoded = (base64) => ascii(atob(base64));
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A .npy file: version, header (filled with blanks to 128 bytes in all) and numbers. */
function npy(dictionary, numbers, version = 1) {
  const start = version === 1 ? 10 : 12;
  const length = 128 - start;
  const sizes = version === 1 ? [length, 0] : [length, 0, 0, 0];
  return joined(ascii(`\x93NUMPY${String.fromCharCode(version)}\0`), sizes,
    ascii(`${dictionary.padEnd(length - 1)}\n`), numbers);
}
const header = (descr, shape, isFortran = false) => (
  `{'descr': '${descr}', 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': ${shape}, }`);

/** Written by NumPy 1.24.2: header, numbers in base64, and what they are. */
const fromNumpy = [
  ['<f8', '(2, 3)', 'AAAAAAAA+D8AAAAAAAAAwJqZmZmZmbk/WfP4wh9upQEAAAAAAAD4fwAAAAAAAPB/',
    Float64Array.of(1.5, -2, 0.1, 1e-300, NaN, Infinity), [2, 3]],
  ['<f4', '(3,)', 'AADAPwAAAMDNzMw9', Float32Array.of(1.5, -2, 0.1), [3]],
  ['<i8', '(2,)', 'AQAAAAAAIAAAAAAAAAAAgA==', BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)), [2]],
  ['<u8', '(1,)', '//////////8=', BigUint64Array.of(2n ** 64n - 1n), [1]],
  ['<f8', '()', 'AAAAAAAABEA=', Float64Array.of(2.5), []],
  ['<f8', '(0, 3)', '', new Float64Array(0), [0, 3]],
  ['|u1', '(1, 2)', 'Af8=', Uint8Array.of(1, 255), [1, 2]],
];

/** A safetensors file from the text of its header and its numbers. */
function safetensors(text, ...numbers) {
  const encoded = new TextEncoder().encode(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, encoded.length, true);
  return joined(length, encoded, ...numbers);
}
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

async function refusedAll(check, la, read, files) {
  for (const [what, file, message] of files) {
    const error = await check.refused('bad-file', () => read(file));
    check.match(error.message, message, what);
  }
}

export const cases = [
  {
    name: 'a .npy file of NumPy is read, and written byte for byte as NumPy writes it',
    run({ la, check }) {
      for (const [descr, shape, numbers, data, sizes] of fromNumpy) {
        const file = npy(header(descr, shape), decoded(numbers));
        check.equal(la.readNpy(file), { data, shape: sizes, dtype: descr }, `${descr} ${shape}`);
        check.equal(la.writeNpy(data, sizes), file, `${descr} ${shape}, written`);
      }
    },
  },
  {
    name: 'a .npy file in the other byte order, by columns, of halves or truth values comes out the same way',
    run({ la, check }) {
      const read = (descr, shape, isFortran, numbers) => (
        la.readNpy(npy(header(descr, shape, isFortran), decoded(numbers))).data);
      check.equal(read('>f8', '(2, 3)', true, 'AAAAAAAAAABACAAAAAAAAD/wAAAAAAAAQBAAAAAAAABAAAAAAAAAAEAUAAAAAAAA'),
        Float64Array.of(0, 1, 2, 3, 4, 5));
      check.equal(read('<i2', '(2, 3, 4)', true, '+f8FAP3/CQABAA0A+v8GAP7/CgACAA4A+/8HAP//CwADAA8A/P8IAAAADAAEABAA'),
        Int16Array.from({ length: 24 }, (_, i) => i - 7));
      check.equal(read('|b1', '(3,)', false, 'AQAB'), Uint8Array.of(1, 0, 1));
      check.equal(read('<f2', '(5,)', false, 'AD4AgP97AQAAfA=='),
        Float32Array.of(1.5, -0, 65504, 2 ** -24, Infinity));
      for (const version of [2, 3]) {
        const file = npy(header('<f8', '(2,)'), decoded('AAAAAAAAAAAAAAAAAADwPw=='), version);
        check.equal(la.readNpy(file).data, Float64Array.of(0, 1), `version ${version}`);
      }
    },
  },
  {
    name: 'the numbers of a .npy file are a copy, wherever in a buffer the file lies',
    run({ la, check }) {
      const file = la.writeNpy(Float64Array.of(1, 2, 3));
      const shifted = new Uint8Array(file.length + 3);
      shifted.set(file, 3);
      const { data } = la.readNpy(shifted.subarray(3));
      shifted.fill(0);
      check.equal(data, Float64Array.of(1, 2, 3));
      check.equal(la.readNpy(file.buffer).data, data, 'from an ArrayBuffer');
    },
  },
  {
    name: 'a .npy header that is damaged, hostile or a program is refused',
    async run({ la, check }) {
      const two = new Uint8Array(16);
      const with_ = (dictionary) => npy(dictionary, two);
      await refusedAll(check, la, la.readNpy, [
        ['nothing', new Uint8Array(0), /begin/],
        ['another magic', ascii('NUMPY\x93\x01\0\0\0\0\0'), /begin/],
        ['version 4', npy(header('<f8', '(2,)'), two, 4), /version 4\.0/],
        ['a header longer than the file', ascii('\x93NUMPY\x01\0\xff\xff{'), /ends before/],
        ['a call', with_("{'descr': '<f8', 'fortran_order': False, 'shape': (exit(),), }"), /expected a size/],
        ['a product', with_("{'descr': '<f8', 'fortran_order': False, 'shape': (2 * 1,), }"), /expected/],
        ['a name', with_("{'descr': numpy.float64, 'fortran_order': False, 'shape': (2,)}"), /type/],
        ['no shape', with_("{'descr': '<f8', 'fortran_order': False}"), /no shape/],
        ['no order', with_("{'descr': '<f8', 'shape': (2,)}"), /no fortran_order/],
        ['a key twice', with_("{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"), /twice/],
        ['another key', with_("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), '__proto__': 1}"), /key/],
        ['a number for a shape', with_("{'descr': '<f8', 'fortran_order': False, 'shape': (2)}"), /tuple/],
        ['a negative size', with_(header('<f8', '(-2,)')), /expected a size/],
        ['a size beyond all', with_(header('<f8', '(99999999999999999999,)')), /size/],
        ['sizes beyond all', with_(header('<f8', '(4294967296, 4294967296)')), /needs more bytes/],
        ['2⁶¹ numbers', with_(header('<f8', '(2305843009213693952,)')), /size|needs/],
        ['100 dimensions', with_(header('<f8', `(${'1,'.repeat(100)})`).slice(0, 117)), /expected|dimensions/],
        ['objects', with_(header('|O', '(2,)')), /type/],
        ['complex numbers', with_(header('<c16', '(1,)')), /type/],
        ['records', with_("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}"), /structured/],
        ['text after the dictionary', with_(`${header('<f8', '(2,)')} 1`), /end/],
        ['a number too few', npy(header('<f8', '(3,)'), two), /needs 24 bytes; the file has 16/],
        ['a byte too many', npy(header('<f8', '(1,)'), two), /needs 8 bytes; the file has 16/],
      ]);
    },
  },
  {
    name: 'a table reads back as it was written, whatever its names and numbers',
    run({ la, check }) {
      const values = { t: Float64Array.of(0, 0.1, -0), 'q, "x"\nm': Float64Array.of(NaN, 1 / 3, 5e-324),
        __proto_: Float64Array.of(1.7976931348623157e308, 1e21, -1) };
      const text = la.writeCsv(values);
      check.equal(text, 't,"q, ""x""\nm",__proto_\n0,,1.7976931348623157e+308\n'
        + '0.1,0.3333333333333333,1e+21\n-0,5e-324,-1\n');
      check.equal(la.readCsv(text), { columns: Object.keys(values), rows: 3, values });
      // Names that are whole numbers keep their place when they come as pairs.
      const pairs = [['b', [1, NaN]], ['1', [2, 3]]];
      check.equal(la.readCsv(la.writeCsv(pairs)).columns, ['b', '1']);
      check.equal(la.readCsv(la.writeCsv({ only: [1, NaN, 2] })).values.only, Float64Array.of(1, NaN, 2));
    },
  },
  {
    name: 'a table of a spreadsheet is read: byte-order mark, CR LF, quotes, empty lines and fields',
    run({ la, check }) {
      const { columns, rows, values } = la.readCsv('\ufefft,"q"\r\n0, 1 \r\n\r\n"1",\r\n2,nan\r\n+3.,-.5E-1');
      check.equal(columns, ['t', 'q']);
      check.equal(rows, 4);
      check.equal(values, { t: Float64Array.of(0, 1, 2, 3), q: Float64Array.of(1, NaN, NaN, -0.05) });
      check.equal(Object.keys(la.readCsv('__proto__,b\n1,2').values), ['__proto__', 'b']);
    },
  },
  {
    name: 'a table that is not one is refused with its line',
    async run({ la, check }) {
      await refusedAll(check, la, la.readCsv, [
        ['nothing', '', /line 1: .*empty/], ['numbers for names', '1,2\n3,4', /line 1: .*names/],
        ['semicolons', 'a;b\n1;2', /line 1: .*commas/], ['a name twice', 'a,a\n1,2', /line 1: .*twice/],
        ['no name', 'a,\n1,2', /line 1: .*name/], ['decimal commas', 'a,b\n1,2\n1,5,2', /line 3: 3 fields.*decimal/],
        ['quoted decimal commas', 'a,b\n1,"1,5"', /line 2: .*point/], ['too few', 'a,b\n1', /line 2: 1 fields/],
        ['a word', 'a\n1\nx', /line 3: .*"x"/], ['infinity', 'a\ninf', /line 2: .*"inf"/],
        ['beyond doubles', 'a\n1e400', /line 2/], ['hexadecimal', 'a\n0x10', /line 2/],
        ['an open quote', 'a\n"1', /line 2: .*end/], ['a quote inside', 'a\n1"2', /line 2: .*quote/],
        ['text after a quote', 'a\n"1"2', /line 2: .*after a closing quote/],
        ['old line ends', 'a\r1\r2', /line 1: .*carriage/], ['a word after a quoted line end', '"a\nb"\nx', /line 3/],
      ]);
    },
  },
  {
    name: 'trajectories are cut from a table where its number changes or time goes back, and make a dataset',
    async run({ la, check }) {
      const table = la.readCsv('run,t,q,p\n1,0,1,2\n1,1,3,4\n2,2,5,6\n2,3,7,8\n2,0,9,10\n2,1,11,12\n');
      const cut = la.trajectoriesFromTable(table, { time: 't', states: ['q', 'p'], trajectory: 'run' });
      check.equal(cut, [
        { times: Float64Array.of(0, 1), states: Float64Array.of(1, 2, 3, 4) },
        { times: Float64Array.of(2, 3), states: Float64Array.of(5, 6, 7, 8) },
        { times: Float64Array.of(0, 1), states: Float64Array.of(9, 10, 11, 12) },
      ]);
      const withRates = la.trajectoriesFromTable(table, { time: 't', states: ['q', 'p'], derivatives: ['p', 'q'] });
      check.equal(withRates[0].derivatives, Float64Array.of(2, 1, 4, 3, 6, 5, 8, 7));
      const data = await la.Dataset.create({ train: cut });
      check.equal(data.numTrain, 6);
      data.close();
      await check.refused('invalid-argument',
        () => la.trajectoriesFromTable(table, { time: 'time', states: ['q', 'p'] }), /"time".*run, t, q, p/);
      await check.refused('unknown-option',
        () => la.trajectoriesFromTable(table, { time: 't', states: ['q'], tracks: 'run' }), /trajectory/);
    },
  },
  {
    name: 'a safetensors file put together by hand is read',
    run({ la, check }) {
      const file = safetensors('{"__metadata__":{"by":"hand"},'
        + '"w":{"dtype":"F32","shape":[2,2],"data_offsets":[4,20]},'
        + '"half":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},'
        + '"n":{"shape":[],"data_offsets":[20,28],"dtype":"I64"},'
        + '"__proto__":{"dtype":"BOOL","shape":[0,7],"data_offsets":[28,28]}}  ',
        [0x80, 0x3f, 0x49, 0xc0], bytesOf(Float32Array.of(1, 2, 3, 4)), bytesOf(BigInt64Array.of(-5n)));
      const { tensors, metadata } = la.readSafetensors(file);
      check.equal(metadata, { by: 'hand' });
      check.equal(tensors.w, { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
      check.equal(tensors.half, { dtype: 'BF16', shape: [2], data: Float32Array.of(1, -3.140625) });
      check.equal(tensors.n, { dtype: 'I64', shape: [], data: BigInt64Array.of(-5n) });
      check.equal(Object.keys(tensors).sort(), ['__proto__', 'half', 'n', 'w']);
    },
  },
  {
    name: 'a safetensors file is laid out as the reference implementation does it',
    run({ la, check }) {
      const file = la.writeSafetensors({
        b: { data: Uint8Array.of(7) },
        a: { data: [1, 2], shape: [2, 1] },
        c: { data: Int32Array.of(3), shape: [] },
      }, { key: 'value' });
      // Wider types first, then by name; blanks to a multiple of 8.
      const text = '{"__metadata__":{"key":"value"},"a":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},'
        + '"c":{"dtype":"I32","shape":[],"data_offsets":[16,20]},"b":{"dtype":"U8","shape":[1],"data_offsets":[20,21]}}';
      check.equal(file, safetensors(text.padEnd(Math.ceil(text.length / 8) * 8), bytesOf(Float64Array.of(1, 2)),
        bytesOf(Int32Array.of(3)), [7]));
      check.equal(la.readSafetensors(file).tensors.a, { dtype: 'F64', shape: [2, 1], data: Float64Array.of(1, 2) });
    },
  },
  {
    name: 'a safetensors header that is damaged or hostile is refused',
    async run({ la, check }) {
      const one = '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
      const four = new Uint8Array(4), eight = new Uint8Array(8);
      const entry = (dtype, shape, offsets) => `{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`;
      const long = new Uint8Array(16);
      long[6] = 1;  // 2⁴⁸ bytes
      await refusedAll(check, la, la.readSafetensors, [
        ['nothing', new Uint8Array(0), /at least 8/], ['an endless header', long, /100000000/],
        ['a header beyond the file', joined([9, 0, 0, 0, 0, 0, 0, 0], ascii('{}')), /ends before/],
        ['no JSON', safetensors('{"a"'), /not JSON/], ['a list', safetensors('[]'), /object/],
        ['a blank first', safetensors(' {}'), /object/], ['no UTF-8', joined([1, 0, 0, 0, 0, 0, 0, 0], [0xff]), /JSON/],
        ['a name twice', safetensors(`{${one},${one.replace('a', '\\u0061')}}`, four), /"a" twice/],
        ['a key twice', safetensors(`{${one.replace('}', ',"shape":[1]}')}}`, four), /"shape" twice/],
        ['a gap', safetensors(entry('F32', '[1]', '[4,8]'), eight), /begins at byte 4/],
        ['an overlap', safetensors(`{${one},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, eight), /begins at/],
        ['numbers that belong to none', safetensors(`{${one}}`, eight), /take 4 bytes; the file has 8/],
        ['numbers that are not there', safetensors(`{${one}}`), /take 4 bytes; the file has 0/],
        ['a shape beyond all', safetensors(entry('F32', '[4294967296,4294967296]', '[0,4]'), four), /does not take/],
        ['a negative size', safetensors(entry('F32', '[-1]', '[0,4]'), four), /shape/],
        ['half a size', safetensors(entry('F32', '[0.5]', '[0,4]'), four), /shape/],
        ['an end before its begin', safetensors(entry('F32', '[1]', '[4,0]'), four), /data_offsets/],
        ['an unknown type', safetensors(entry('F7', '[1]', '[0,4]'), four), /F7/],
        ['a type that is none', safetensors('{"a":{"dtype":{},"shape":[1],"data_offsets":[0,4]}}', four), /type/],
        ['metadata that are no texts', safetensors('{"__metadata__":{"a":1}}'), /__metadata__/],
        ['a deep nest', safetensors(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), /object/],
      ]);
    },
  },
  {
    name: 'a model of every kind comes back from safetensors bit for bit, its weights by rows as PyTorch has them',
    async run({ la, check }) {
      const system = await la.System.create('double-pendulum', { length1: 0.7 });
      const state = [0.3, -0.2, 0.1, 0.5];
      for (const kind of ['node', 'resnet', 'hnn', 'separable-hnn', 'lnn']) {
        const given = { kind, system, hidden: [5, 3], activation: 'softplus', blocks: 2, blockTime: 0.05, seed: 7 };
        if (kind !== 'resnet') { delete given.blocks; delete given.blockTime; }
        const model = await la.Model.create(given);
        const file = model.toSafetensors();
        const copy = await la.Model.fromSafetensors(file);
        check.equal(copy.theta(), model.theta(), `${kind}: θ`);
        check.equal(copy.vectorField(state), model.vectorField(state), `${kind}: the field`);
        check.equal([copy.kind, copy.hidden, copy.activation], [kind, [5, 3], 'softplus']);
        const { tensors, metadata } = la.readSafetensors(file);
        check.equal(metadata.kind, kind);
        const theta = model.theta();
        for (const { name, offset, shape: [rows, columns] } of model.parameters()) {
          const { dtype, shape, data } = tensors[name];
          check.equal([dtype, shape], ['F64', columns === undefined ? [rows] : [rows, columns]], `${kind} ${name}`);
          // θ has weights column by column; the file row by row.
          const expected = columns === undefined ? theta.slice(offset, offset + rows)
            : Float64Array.from({ length: rows * columns },
              (_, i) => theta[offset + (i % columns) * rows + Math.floor(i / columns)]);
          check.equal(data, expected, `${kind} ${name}`);
        }
        copy.close();
        model.close();
      }
      system.close();
    },
  },
  {
    name: 'a model file with a tensor missing, added, of another shape or type, or not finite is refused',
    async run({ la, check }) {
      const model = await la.Model.create({ hidden: [3], seed: 2 });
      const { tensors, metadata } = la.readSafetensors(model.toSafetensors());
      const name = model.parameters()[0].name;
      const { data, shape } = tensors[name];
      model.close();
      const changed = (change, texts) => la.writeSafetensors(
        Object.fromEntries(Object.entries({ ...tensors, ...change }).filter(([, tensor]) => tensor)),
        { ...metadata, ...texts });
      await refusedAll(check, la, la.Model.fromSafetensors, [
        ['missing', changed({ [name]: undefined }), /missing/],
        ['added', changed({ more: { data: [1] } }), /more/],
        ['turned', changed({ [name]: { data, shape: [...shape].reverse() } }), /shape/],
        ['of whole numbers', changed({ [name]: { data: BigInt64Array.from(data, () => 1n), shape } }), /I64/],
        ['not finite', changed({ [name]: { data: data.map(() => NaN), shape } }), /finite/],
        ['of another library', changed({}, { library: 'another' }), /library/],
        ['of the future', changed({}, { version: '2' }), /version 2/],
        ['of another kind', changed({}, { kind: 'node' }), /shape|missing|not a tensor/],
        ['of no kind', changed({}, { kind: 'kitten' }), /kitten/],
        ['huge', changed({}, { hidden: '[1000000000]' }), /hidden/],
        ['with text for sizes', changed({}, { hidden: 'exit()' }), /hidden/],
      ]);
      const single = await la.Model.fromSafetensors(changed({ [name]: { data: Float32Array.from(data), shape } }));
      check.equal(single.numParameters, 3 * shape[1] + 3 + 3 + 1, 'float32 is taken');
      single.close();
    },
  },
  {
    name: 'a dataset goes through JSON and CSV unchanged, what is missing too',
    async run({ la, check }) {
      const system = await la.System.create('spring');
      const data = system.sample({ trajectories: 5, samples: 7, missingFraction: 0.3, noise: 0.01, seed: 4 });
      const json = data.toJson();
      check.ok(json.train.some(({ states }) => states.includes(null)), 'something is missing');
      for (const copy of [await la.Dataset.fromJson(JSON.stringify(json)), await la.Dataset.fromJson(json),
        await la.Dataset.fromCsv(data.toCsv())]) {
        check.equal(copy.train(), data.train());
        check.equal(copy.test(), data.test());
        copy.close();
      }
      data.close();
      system.close();
    },
  },
];
