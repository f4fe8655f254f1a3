package html

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"statefulsim/sim/report"
)

// tab is a page in a browser.
type tab struct {
	*testing.T
	ctx   context.Context
	mu    sync.Mutex
	said  []string // on the console, and what was thrown
	asked []string // of the network
}

// browse starts a browser. Its tests share it.
func browse(t *testing.T) context.Context {
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		message := "THE PAGE WAS NOT TRIED IN A BROWSER: there is no chromium or google-chrome in PATH; install one"
		if os.Getenv("SIM_MUST_TEST") == "1" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 900))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closed := chromedp.NewContext(ctx)
	t.Cleanup(closed)
	require.NoError(t, chromedp.Do(ctx))
	return ctx
}

// open shows a page in a tab of its own.
func open(t *testing.T, browser context.Context, page []byte) *tab {
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, page, 0o600))
	b := &tab{T: t}
	ctx, stop := chromedp.NewContext(browser, chromedp.WithListener(b.listen))
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	t.Cleanup(cancel)
	b.ctx = ctx
	b.do(chromedp.EmulateViewport(1280, 900))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	b.do(chromedp.Navigate("file://"+file), chromedp.WaitReady(chromedp.CSS("html.live")))
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, string(e.Type))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file:") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.asked = append(b.asked, e.Request.URL)
		}
	}
}

// quiet checks that the page had nothing to complain about, and asked nobody for anything.
func (b *tab) quiet() {
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b, b.said)
	require.Empty(b, b.asked)
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, actions...))
}

// does lets the page do something.
func does(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](text)
}

// emulate has the page shown on another medium, or by a system with other wishes.
func (b *tab) emulate(media, scheme string) {
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media,
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	require.NoError(b, err)
}

// js evaluates an expression in a page.
func js[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b, err)
	return value
}

// picture keeps a screenshot where somebody wants to look at them.
func (b *tab) picture(name string) {
	dir := os.Getenv("SIM_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

func TestInBrowser(t *testing.T) {
	browser := browse(t)
	t.Run("one run", func(t *testing.T) {
		b := open(t, browser, pageOf(t, "primary-crash"))
		b.firstPaint()
		b.labelled()
		b.causes()
		b.zoomed()
		b.filtered()
		b.coloured()
		b.narrow()
		b.printed()
		b.quiet()
	})
	t.Run("two runs", func(t *testing.T) {
		first, second := played(t, "primary-crash"), played(t, "partial-partition")
		var page bytes.Buffer
		require.NoError(t, Comparison(&page, first, second, report.Compare(first, second, 1, [2]string{"sim run a", "sim run b"})))
		b := open(t, browser, page.Bytes())
		b.compared()
		b.quiet()
	})
	t.Run("hostile", func(t *testing.T) {
		b := open(t, browser, write(t, hostile()))
		require.False(t, js[bool](b, `"owned" in window`))
		require.Contains(t, js[string](b, `document.querySelector("h1").textContent`), `</script><script>`)
		b.quiet()
	})
}

func (b *tab) firstPaint() {
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](`performance.getEntriesByName("first-contentful-paint").length > 0`))
	require.NoError(b, err)
	ms := js[float64](b, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
	b.Logf("first paint after %.0f ms; the page was ready after %.0f ms", ms, js[float64](b, `performance.getEntriesByType("navigation")[0].domComplete`))
	b.picture("light")
}

// labelled checks that no label is cut, whatever is shown: what has no room is not there.
func (b *tab) labelled() {
	const labels = `[...document.querySelectorAll("#lanes .span:not(.tight) > text")].filter((text) => text.getComputedTextLength() > 0)`
	const cut = labels + `.filter((text) => text.getComputedTextLength() + 6 > text.parentNode.querySelector("rect").getBoundingClientRect().width).length`
	whole := js[int](b, labels+".length")
	require.Greater(b, whole, 3)
	require.Zero(b, js[int](b, cut))
	b.do(does(`look(0, data.length / 8)`))
	require.Zero(b, js[int](b, cut))
	b.do(does(`look(70e6, 1e6)`))
	require.True(b, js[bool](b, `[...document.querySelectorAll(".k-pod .span:not(.tight) > text")].some((text) => text.textContent === "primary" &&
		text.getBoundingClientRect().left >= frame.getBoundingClientRect().left + namesWidth() - 1 &&
		text.getBoundingClientRect().right <= frame.getBoundingClientRect().right)`), "what began before is labelled where it is seen")
	b.do(does(`look(0, data.length)`))
}

func (b *tab) causes() {
	b.do(does(`[...document.querySelectorAll(".lines button")].find((e) => e.textContent.includes("serves writes again")).click()`),
		chromedp.WaitVisible(chromedp.CSS("#why")))
	chain := js[string](b, `document.querySelector("#why .chain").innerText`)
	require.Contains(b, chain, "crash begins")
	require.Contains(b, chain, "serves writes again")
	require.Less(b, strings.Index(chain, "crash begins"), strings.Index(chain, "serves writes again"))
	b.picture("causes")
	before := js[int](b, `document.querySelectorAll("#why .chain:not(.effects) li").length`)
	b.do(does(`document.querySelector("#why .chain li:nth-child(2) button").click()`))
	require.Less(b, js[int](b, `document.querySelectorAll("#why .chain:not(.effects) li").length`), before)
	b.do(chromedp.KeyEvent(kb.Escape))
	require.True(b, js[bool](b, `document.querySelector("#why").hidden`))

	b.do(does(`document.querySelector(".k-leader .span").dispatchEvent(new MouseEvent("click", {bubbles: true}))`), chromedp.WaitVisible(chromedp.CSS("#why")))
	b.do(chromedp.KeyEvent(kb.Escape))
	require.Positive(b, js[int](b, `document.querySelectorAll(".mark").length`))
}

func (b *tab) zoomed() {
	width := func() float64 {
		return js[float64](b, `document.querySelector("#lanes").getBoundingClientRect().width`)
	}
	whole := width()
	b.do(chromedp.Focus(chromedp.CSS("#frame")), chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
	require.Greater(b, width(), 2*whole)
	b.do(chromedp.KeyEvent("0"))
	require.InDelta(b, whole, width(), 2)
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight)) // to the right
	require.False(b, js[bool](b, `document.querySelector("#tip").hidden`))
	b.do(does(`document.querySelector("[data-from]").click()`))
	require.Greater(b, width(), 10*whole)
	require.Less(b, js[float64](b, `shownLong()`), 5e6)
	b.do(does(`document.querySelector("#chart").scrollIntoView({behavior: "instant"})`))
	b.picture("zoomed")
	b.do(does(`look(0, data.length)`))
}

func (b *tab) filtered() {
	b.do(chromedp.SendKeys(chromedp.CSS("input[type=search]"), "lease"),
		does(`document.querySelector("select").value = "2"; document.querySelector("select").dispatchEvent(new Event("change"))`),
		chromedp.WaitVisible(chromedp.CSS(".lines .level2")))
	require.Less(b, js[int](b, `document.querySelectorAll(".lines li").length`), 201)
	require.Contains(b, strings.ToLower(js[string](b, `document.querySelector(".lines li").textContent`)), "lease")
	require.Equal(b, len(played(b.T, "primary-crash").Events), js[int](b, `stories[0].events.length`))
}

func (b *tab) coloured() {
	background := `getComputedStyle(document.body).backgroundColor`
	b.emulate("", "light")
	light := js[string](b, background)
	b.emulate("", "dark")
	dark := js[string](b, background)
	require.NotEqual(b, light, dark)
	b.do(does(`scrollTo(0, 0)`))
	b.picture("dark")
	b.do(chromedp.Click(chromedp.CSS("#theme")))
	require.Equal(b, light, js[string](b, background), "the switch says light, whatever the system says")
	b.emulate("", "light")
}

func (b *tab) narrow() {
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	require.LessOrEqual(b, js[int](b, `document.documentElement.scrollWidth`), 360)
	b.picture("narrow")
	b.do(does(`document.querySelector("#chart").scrollIntoView({behavior: "instant"})`))
	b.picture("narrow-chart")
	b.do(chromedp.EmulateViewport(1280, 900))
}

func (b *tab) printed() {
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	require.NoError(b, err)
	require.True(b, bytes.HasPrefix(pdf, []byte("%PDF")))
	if dir := os.Getenv("SIM_PICTURES"); dir != "" {
		require.NoError(b, os.WriteFile(filepath.Join(dir, "paper.pdf"), pdf, 0o600))
	}
	b.emulate("print", "dark")
	require.Zero(b, js[int](b, `[...document.querySelectorAll(".script")].filter((e) => e.offsetParent).length`))
	b.emulate("", "light")
}

func (b *tab) compared() {
	require.Equal(b, 1, js[int](b, `document.querySelectorAll(".g-parting").length`))
	require.Equal(b, 2, js[int](b, `document.querySelectorAll(".names .of-run").length`))
	require.Contains(b, js[string](b, `document.querySelector("#differences").innerText`), "B − A")
	b.picture("compared")
	b.do(does(`document.querySelector("#chart").scrollIntoView({behavior: "instant"})`))
	b.picture("compared-chart")
	b.do(does(`document.querySelector(".beside > div:last-child .here button").click()`), chromedp.WaitVisible(chromedp.CSS("#why")))
}
