package tree

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("doc.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// readers reads the text with the reader for usual YAML and with the library. The former may
// decline; what it reads it must read as the latter does.
func readers(text string) (own, library *Node, ownErr, libraryErr error) {
	f := &File{Name: "doc.yaml", Text: []byte(text)}
	start := 0
	if strings.HasPrefix(text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	r := &reader{file: f, src: text, pos: start}
	if isPlainText(text[start:]) && r.readYAML() {
		own = r.root
	} else {
		ownErr = errors.New("left to the library")
		if r.err != nil {
			ownErr = r.err
		}
	}
	g := &File{Name: "doc.yaml", Text: []byte(text)}
	libraryErr = parseWithLibrary(g, text, start)
	return own, g.Root, ownErr, libraryErr
}

var usual = []string{
	"a: 1\nb: two\n",
	"a:\n  b:\n    c: 1\n  d: [1, 2, {x: y}]\n",
	"- a\n- - b\n  - c\n- d: e\n  f: g\n-\n  h: i\n-\n- last\n",
	"list:\n- a\n- b: 1\n  c: 2\nnext: x\n",
	"list:\n  - a\n  -   b: 1\n      c: 2\nnext: x\n",
	"a: plain over\n  more lines\n\n  and a break\nb: 1\n",
	"a: 'it''s'\nb: \"tab\\tq\\\"\\u00e9\\x41\\U0001F6A2\"\n'c d': 1\n\"e\\n\": 2\n",
	"a: 'over\n  two\n\n  lines'\nb: \"over \\\n  two\n  and\n\n  three\"\n",
	"a: |\n  literal\n    deeper\n\n  text\nb: >\n  folded\n  text\n\n  para\n    indented\n  back\nc: |-\n  strip\n\nd: |+\n  keep\n\ne: x\n",
	"a: >-\n  x\n\n\n  y\nb: |2\n    two\n   one\nc: |\n\n\n  leading\nd: |\ne: >\n\nf: 1",
	"a: |\n  no end",
	"a: >+\n  end\n\n\n",
	"a:\n  b: |+\n      \n    \n  c: d\n",
	"# comment\n---\n# more\na: 1 # tail\nb: x#y\nc: '#' # z\n# last\n",
	"a: null\nb: ~\nc:\nd: true\ne: False\nf: on\ng: 2020-01-01\nh: 1.50\ni: -0\nj: +3\nk: 0x1F\nl: 0o17\nm: 007\nn: .5\no: 1.\np: 1e3\nq: .inf\nr: 1_000\ns: 12:30\nt: 1.2.3\nu: -\n",
	"200: ok\n4XX: no\ntrue: yes\nnull: n\n1.0: x\n",
	"{\"a\": 1, b: [x, 'y', \"z\"], \"c\":{}, d: {e: f,\n  g: h}, }\n",
	"a: [\n  x,\n  # comment\n  y\n]\nb: {\n}\n",
	"url: http://x.y/z?a=b&c=d\ntime: a:b\nwin: c:\\d\nq: what? yes!\nstar: a*b\n",
	"key with spaces: v\n  \nx: y\n",
	"a: 1\r\nb: |\r\n  x\r\n  y\r\nc:\r\n  - d\r\n  - 'e\r\n    f'\r\n",
	"\xef\xbb\xbfa: 1\nb:\n  - 2\n",
	"just text",
	"'quoted' \n",
	"- |\n  a\n- >-\n   b\n\n   c\n- x\n",
	"a:\n    - b\n\n    - c\n# c\nd:\n # deep\n   e: f\n",
	"é: ü\n日本: 語 # 日\n",
	"a: -1\nb: --x\nc: - \n",
	"a:  \n  b\nc: d\n",
	"- - - a\n    - b\n  - c\n",
	"a: b\n c\n",
	"a:\n- b\n-\n  - c\n- d\n",
	"? a long key\n: b: c\n  d: e\n? 'quoted'\n:\n  f: g\nh: i\n? 1\n: |\n  text\n",
}

var unusual = []string{
	"a: &x 1\nb: *x\nc: &y {d: e}\nf:\n  <<: *y\n  g: h\n",
	"a: !!str 1\nb: !!int \"2\"\nc: !custom v\nd: !!binary aGk=\ne: !custom 'w'\n",
	"? a\n: b\n? c\n: d\n",
	"--- {a: 1}\n",
	"a: 1\n...\n",
	"a:\tb\nc:\t\n",
	"{a, b: , c}\n",
	"[a: b, c]\n",
	"a: [x y\n  z]\n",
	"\"a\": \"b\\\n  \\\n  c\"\n",
	"a: !!seq\n- b\n",
	"a: &long |\n  text\n  more\nb: &p plain text\n  on two lines\nc: [&q 'x', *q]\n",
	"base: &b {a: 1, b: 2}\nother: &o {b: 3, c: 4}\nboth:\n  <<: [*b, *o]\n  a: 0\n",
	"<<: {a: 1}\nb: 2\n",
}

var wrong = []string{
	"a: b: c\n", "a\nb: c\n", "a: 1\n b: 2\n", "a: [1\n", "a: 'x\n", "a: \"\\q\"\n", "\ta: 1\n", "a: *none\n", "a: @x\n", "- a\nb: c\n",
	"a: {b\n", "a: 1\n---\nb: 2\n", "[a]: b\n", "a: &x [*x]\n", "a: \"x\" y\n", "a: |x\n", "x: %y\n", "{a: 1}}\n", "a: - b\n", "<<: 1\n",
	"a: b\n   c: d\n", "a: 'b'\n  c\n", "a: |\n  x\n y\n", "a: 'x\nb: c'\n d",
}

func TestUsualYAMLIsReadAsTheLibraryDoes(t *testing.T) {
	for _, text := range usual {
		own, library, ownErr, libraryErr := readers(text)
		if libraryErr != nil {
			if ownErr == nil {
				t.Errorf("read as %v, but the library says: %v\n%s", own.Value(), libraryErr, text)
			}
			continue
		}
		if ownErr != nil {
			t.Errorf("%v\n%s", ownErr, text)
			continue
		}
		if diff := unlike(own, library); diff != "" {
			t.Errorf("%s\n%s", diff, text)
		}
		checkPlaces(t, own)
		checkPlaces(t, library)
	}
}

func TestUnusualYAML(t *testing.T) {
	for _, text := range unusual {
		own, library, ownErr, libraryErr := readers(text)
		if libraryErr != nil {
			t.Errorf("%v\n%s", libraryErr, text)
			continue
		}
		if ownErr == nil && unlike(own, library) != "" {
			t.Errorf("%s\n%s", unlike(own, library), text)
		}
		checkPlaces(t, library)
	}
}

func TestWrongYAML(t *testing.T) {
	for _, text := range wrong {
		f, err := Parse("doc.yaml", []byte(text))
		var at *Error
		if !errors.As(err, &at) || at.Location.Line < 1 || at.Location.File != "doc.yaml" {
			t.Errorf("got %v, %v; want an error with its place\n%s", f.Root.Value(), err, text)
		}
	}
}

// unlike tells where two trees differ in what they say.
func unlike(a, b *Node) string {
	x, _ := json.Marshal(a.Value())
	y, _ := json.Marshal(b.Value())
	if string(x) != string(y) {
		return "own:     " + string(x) + "\nlibrary: " + string(y)
	}
	return ""
}

// checkPlaces holds each node to what can be said about its place without another reader.
func checkPlaces(t *testing.T, n *Node) {
	t.Helper()
	if n == nil {
		return
	}
	text := n.File.Text
	if n.Start < 0 || n.End < n.Start || int(n.End) > len(text) {
		t.Fatalf("%s lies in [%d, %d) of %d bytes\n%s", n.Pointer(), n.Start, n.End, len(text), text)
	}
	for i := range n.Members {
		m := &n.Members[i]
		if m.KeyStart < 0 || m.KeyEnd < m.KeyStart || int(m.KeyEnd) > len(text) {
			t.Fatalf("the key %q lies in [%d, %d) of %d bytes\n%s", m.Key, m.KeyStart, m.KeyEnd, len(text), text)
		}
		if n.Member(m.Key) != m {
			t.Fatalf("the key %q does not lead to its member\n%s", m.Key, text)
		}
		checkPlaces(t, m.Value)
	}
	for _, item := range n.Items {
		checkPlaces(t, item)
	}
}

// TestPlaces reads the text of each node out of the file.
func TestPlaces(t *testing.T) {
	const text = "# c\na: plain text # c\n'b' : [x, \"y\\n\", {z: 1}]\nlong: |  # c\n  one\n\n  two\n\nnext:\n  - k: v\n    m: over\n      two\n  -   'q'\nempty:\n"
	want := map[string]string{
		"/a": "plain text", "/b": "[x, \"y\\n\", {z: 1}]", "/b/0": "x", "/b/1": "\"y\\n\"", "/b/2": "{z: 1}", "/b/2/z": "1",
		"/long": "|  # c\n  one\n\n  two", "/next": "- k: v\n    m: over\n      two\n  -   'q'", "/next/0": "k: v\n    m: over\n      two",
		"/next/0/k": "v", "/next/0/m": "over\n      two", "/next/1": "'q'", "/empty": "",
	}
	keys := map[string]string{"/a": "a", "/b": "'b'", "/b/2/z": "z", "/next/0/m": "m"}
	own, library, err, libraryErr := readers(text)
	if err != nil || libraryErr != nil {
		t.Fatal(err, libraryErr)
	}
	for name, root := range map[string]*Node{"own": own, "library": library} {
		got, gotKeys := map[string]string{}, map[string]string{}
		texts(root, got, gotKeys)
		for pointer, w := range want {
			if got[pointer] != w {
				t.Errorf("%s: %s is %q; want %q", name, pointer, got[pointer], w)
			}
		}
		for pointer, w := range keys {
			if gotKeys[pointer] != w {
				t.Errorf("%s: the key of %s is %q; want %q", name, pointer, gotKeys[pointer], w)
			}
		}
	}
	if at := own.Get("b").Items[1].Location(); at.Line != 3 || at.Column != 11 || at.EndColumn != 16 {
		t.Errorf("/b/1 is at %+v; want 3:11 to 16", at)
	}
}

func texts(n *Node, values, keys map[string]string) {
	values[n.Pointer()] = string(n.File.Text[n.Start:n.End])
	for _, m := range n.Members {
		keys[m.Value.Pointer()] = string(n.File.Text[m.KeyStart:m.KeyEnd])
		texts(m.Value, values, keys)
	}
	for _, item := range n.Items {
		texts(item, values, keys)
	}
}

func TestScalars(t *testing.T) {
	for text, want := range map[string]string{
		"9007199254740993": "9007199254740993", "1.50": "1.50", "+3": "3", "0x1F": "31", "0o17": "15", "007": "7", ".5": "0.5", "1.": "1",
		"-.5e3": "-0.5e3", "1.e3": "1e3", "00.10": "0.10", "0xFFFFFFFFFFFFFFFFFF": "4722366482869645213695",
	} {
		if n := parse(t, "a: "+text).Root.Get("a"); n.Kind != Number || n.Text != want {
			t.Errorf("%s is %v %q; want the number %s", text, n.Kind, n.Text, want)
		}
	}
	for _, text := range []string{"on", "yes", "2020-01-01", ".inf", ".", "1_000", "0b1", "1e", "0x", "+", "-0x1", "12:30", "Yes", "tRUE"} {
		if n := parse(t, "a: "+text).Root.Get("a"); n.Kind != String || n.Text != text {
			t.Errorf("%s is %v %q; want a string", text, n.Kind, n.Text)
		}
	}
}

func TestJSON(t *testing.T) {
	f := parse(t, `{"ship": "\ud83d\udea2", "half": "\ud83d", "n": 12345678901234567890.10, "e": [], "tab": "\u0009"}`)
	want := map[string]any{"ship": "🚢", "half": "\ufffd", "n": json.Number("12345678901234567890.10"), "e": []any{}, "tab": "\t"}
	if got := f.Root.Value(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
	for text, message := range map[string]string{
		`{"a": 1,}`:   "", // YAML allows it
		`{"a": 1 "b"`: "expected a comma or }",
		`{"a": "x`:    "no closing quote",
		`[1, 2] x`:    "expected the end",
		`{"a": 01x}`:  "",
		`{"a" 1}`:     "expected : after",
	} {
		_, err := Parse("a.json", []byte(text))
		if message == "" && err != nil || message != "" && (err == nil || !strings.Contains(err.Error(), message)) {
			t.Errorf("%s: got error %v; want %q", text, err, message)
		}
	}
}

func TestDuplicateKeys(t *testing.T) {
	for _, text := range []string{"a: 1\nb: 2\na: 3\n", "{\"a\": 1, \"b\": 2,\n\n\"a\": 3}", "a: &x 1\nb: 2\na: 3\n"} {
		f := parse(t, text)
		if got := f.Root.Get("a").Text; got != "3" || len(f.Root.Members) != 2 {
			t.Errorf("a is %s of %d members; want the last one, 3, of 2", got, len(f.Root.Members))
		}
		if len(f.Warnings) != 1 || f.Warnings[0].Location.Line != 3 || f.Warnings[0].Earlier.Line != 1 {
			t.Errorf("got warnings %+v; want one, at line 3 about line 1", f.Warnings)
		}
	}
}

func TestAliases(t *testing.T) {
	f := parse(t, "base: &b {a: 1, b: 2}\nuse: *b\nboth:\n  <<: *b\n  a: 0\n")
	if f.Root.Get("use") != f.Root.Get("base") {
		t.Error("an alias does not lead to the anchored node")
	}
	if got := f.Root.Get("use").Pointer(); got != "/base" {
		t.Errorf("the pointer of an aliased node is %s; want that of its anchor", got)
	}
	if both := f.Root.Get("both"); both.Get("a").Text != "0" || both.Get("b") != f.Root.Get("base").Get("b") || both.Get("<<") != nil {
		t.Errorf("merged into %v", both.Value())
	}
}

func TestPointer(t *testing.T) {
	f := parse(t, "paths:\n  /a/{b}~c:\n  - x\n")
	if got := f.Root.Get("paths").Get("/a/{b}~c").Items[0].Pointer(); got != "/paths/~1a~1{b}~0c/0" {
		t.Error(got)
	}
}

func TestHostile(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	chain := "a0: &a0 [x]\n"
	merges := "base: &b {" + strings.Repeat("k", 10)
	for i := range 200 {
		merges += ", k" + strings.Repeat("x", i+1) + ": 1"
	}
	merges = strings.Replace(merges, strings.Repeat("k", 10)+", ", "", 1) + "}\n" + strings.Repeat("? [<<]\n", 0)
	for i := 1; i < 12; i++ {
		ref := "*a" + string(rune('a'+i-1))
		if i == 1 {
			ref = "*a0"
		}
		bomb += "a" + string(rune('a'+i)) + ": &a" + string(rune('a'+i)) + " [" + strings.TrimSuffix(strings.Repeat(ref+",", 10), ",") + "]\n"
	}
	for i := 1; i <= 2000; i++ {
		chain += "- "
	}
	for name, text := range map[string]string{
		"JSON arrays":    strings.Repeat("[", 100_000),
		"JSON objects":   strings.Repeat(`{"a":`, 100_000),
		"flow in YAML":   "a: " + strings.Repeat("[", 100_000),
		"sequences":      strings.Repeat("- ", 100_000) + "x",
		"anchored depth": "a: &x 1\nb: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"alias bomb":     bomb,
		"UTF-16":         "\xff\xfea\x00",
		"Latin-1":        "a: \xe9",
		"NUL":            "a: \x00",
	} {
		if _, err := Parse("doc", []byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
	parse(t, merges)
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "\n", "# only a comment\n", "---\n", "\xef\xbb\xbf"} {
		if f := parse(t, text); f.Root != nil && f.Root.Kind != Null {
			t.Errorf("%q has the root %v", text, f.Root.Value())
		}
	}
}

// corpus is the folder of published documents, which lies beside the repository.
func corpus(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if shared := filepath.Join(dir, "shared", "corpus", "openapi"); isDir(shared) {
			return shared
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no shared/corpus/openapi above this folder")
		}
		dir = parent
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func documents(t testing.TB) map[string][]byte {
	t.Helper()
	root := corpus(t)
	texts := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			texts[filepath.ToSlash(name)] = text
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestCorpus(t *testing.T) {
	declined := 0
	for name, text := range documents(t) {
		f, err := Parse(name, text)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		checkPlaces(t, f.Root)
		if looksLikeJSON(string(text)) {
			var want any
			decoder := json.NewDecoder(strings.NewReader(string(text)))
			decoder.UseNumber()
			if err := decoder.Decode(&want); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if !reflect.DeepEqual(f.Root.Value(), want) {
				t.Errorf("%s is not read as encoding/json does", name)
			}
			continue
		}
		own, library, ownErr, libraryErr := readers(string(text))
		if libraryErr != nil {
			t.Errorf("%s: %v", name, libraryErr)
			continue
		}
		if ownErr != nil {
			declined++
			t.Logf("%s: %v", name, ownErr)
			continue
		}
		if diff := unlike(own, library); diff != "" {
			t.Errorf("%s is not read as the library does", name)
		}
	}
	t.Logf("%d left to the library", declined)
}

func FuzzParse(f *testing.F) {
	for _, seeds := range [][]string{usual, unusual, wrong} {
		for _, seed := range seeds {
			f.Add([]byte(seed))
		}
	}
	f.Add([]byte(`{"a": "\ud83d\udea2", "b": [1, -2.5e+3, true, null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("doc", text)
		if err != nil {
			var at *Error
			if !errors.As(err, &at) || at.Location.File != "doc" {
				t.Fatalf("%v is no error with a place", err)
			}
			return
		}
		checkPlaces(t, file.Root)
		if own, library, ownErr, libraryErr := readers(string(text)); ownErr == nil && own != nil {
			checkPlaces(t, own)
			if libraryErr == nil && !strings.Contains(string(text), `\u`) {
				if diff := unlike(own, library); diff != "" {
					t.Fatal(diff)
				}
			}
		}
		if json.Valid(text) && file.Root != nil {
			r := &reader{file: file, src: string(text)}
			if !r.readJSON() {
				t.Fatalf("valid JSON is refused: %v", r.err)
			}
			if own, _, ownErr, _ := readers(string(text)); ownErr == nil {
				if diff := unlike(own, r.root); diff != "" {
					t.Fatal(diff)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, text := range documents(b) {
		if !strings.HasPrefix(name, "specs/") {
			continue
		}
		b.Run(strings.TrimPrefix(name, "specs/"), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(name, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestVersionDirective(t *testing.T) {
	for _, text := range []string{"%YAML 1.2\n---\na: 1\n", "%YAML 1.2\n---\na: &x 1\n"} {
		if n := parse(t, text).Root.Get("a"); n == nil || n.Location().Line != 3 {
			t.Errorf("%q: a is at %+v; want line 3", text, n.Location())
		}
	}
}

func TestJSONEscapesInYAML(t *testing.T) {
	if got := parse(t, `a: "\/\ud83d\udea2"`).Root.Get("a").Text; got != "/🚢" {
		t.Error(got)
	}
}
