// Texts of strangers who mean harm. Whatever they contain is text.

export const HOSTILE = [
  '<script>window.hacked = 1</script> code 101001',
  '<img src=x onerror="window.hacked = 1"> code 101002',
  '"><svg onload=window.hacked=1> code 101003',
  '</p></article></body><h1>gone</h1> code 101004',
  '&lt;b&gt;bold&lt;/b&gt; <b>bold</b> code 101005',
  'javascript:window.hacked=1 code 101006',
  'data:text/html,<script>window.hacked=1</script> code 101007',
  'code 101008 at http://user:password@evil.example/%3Cscript%3E?a="b"',
  'code 101009 https://evil.example/\u202Egnp.exe',
  'code 101010 \u202Etxet desrever\u202C and \u2066isolated\u2069',
  'code 1\u200B0\u200B1\u200B011 zero\u200Bwidth\uFEFF',
  'code 101012 {{constructor.constructor("window.hacked=1")()}} ${window.hacked=1}',
  "code 101013 ' onmouseover='window.hacked=1",
  `code 101014 ${'long '.repeat(315)}`.slice(0, 1600),
  `code 101015 ${'W'.repeat(1580)}`,
  'code 101016 \u{E0041}\u{E0042} tags, \u0001 control, combining Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319',
  'code 101017 file:///etc/passwd ftp://evil.example vbscript:x HTTPS://EVIL.example/Path',
];
