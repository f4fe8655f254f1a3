package tui

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
	"github.com/stretchr/testify/require"
)

// scenes are what golden screens show, by what is pressed to come there.
var scenes = []struct {
	name, scenario string
	keys           []string
}{
	{"opening", "primary-crash", nil},
	{"failover", "primary-crash", []string{"e", "e", "e", "e", "2"}},
	{"menu", "primary-crash", []string{"tab", "down", "down", "enter"}},
	{"command", "primary-crash", []string{":", "s", "c"}},
	{"help", "primary-crash", []string{"?"}},
	{"cut", "zone-outage", []string{"f", ".", ".", ".", ".", "."}},
}

var sizes = []struct{ width, height int }{{80, 24}, {120, 40}, {200, 60}}

// Screens are shown by a terminal emulator as a terminal would: on a light background, on a dark one, and without colours. What they say is the
// same on all; how it looks stands below it in the golden file.
func TestScreens(t *testing.T) {
	for _, scene := range scenes {
		for _, size := range sizes {
			name := fmt.Sprintf("%s-%dx%d", scene.name, size.width, size.height)
			t.Run(name, func(t *testing.T) {
				text, looks := "", ""
				for _, look := range []struct {
					name         string
					dark, colour bool
				}{{"dark", true, true}, {"light", false, true}, {"monochrome", true, false}} {
					o := options(scene.scenario)
					o.NoColour = !look.colour
					s := opened(t, o, size.width, size.height)
					s.send(tea.BackgroundColorMsg{Color: map[bool]color.Color{true: color.Black, false: color.White}[look.dark]})
					s.press(scene.keys...)
					seen := emulate(s.View().Content, size.width, size.height)
					if text == "" {
						text = seen.text
					}
					require.Equal(t, text, seen.text, "colours change what is said")
					if !look.colour {
						require.NotContains(t, seen.styles, "#", "a monochrome screen has colours")
					}
					looks += "\n=== " + look.name + "\n" + seen.styles
				}
				golden(t, filepath.Join("testdata", "screens", name+".txt"), text+looks)
			})
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if update() {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// seen is what an emulated terminal shows: its text, and below the styles of its cells, line by line, as letters with a legend.
type seen struct{ text, styles string }

func emulate(content string, width, height int) seen {
	terminal := vt.NewEmulator(width, height)
	_, _ = terminal.WriteString("\x1b[?25l" + strings.ReplaceAll(content, "\n", "\r\n"))
	var text, layer strings.Builder
	letters, legend := map[string]byte{"": '.'}, ""
	for y := range height {
		var line, styles strings.Builder
		for x := 0; x < width; {
			cell := terminal.CellAt(x, y)
			line.WriteString(cell.Content)
			look := styleOf(cell)
			if _, known := letters[look]; !known {
				letters[look] = byte('a' + len(letters) - 1)
				legend += fmt.Sprintf("%c = %s\n", letters[look], look)
			}
			styles.WriteString(strings.Repeat(string(letters[look]), max(cell.Width, 1)))
			x += max(cell.Width, 1)
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		layer.WriteString(strings.TrimRight(styles.String(), ".") + "\n")
	}
	return seen{text.String(), layer.String() + legend}
}

func styleOf(cell *uv.Cell) string {
	var words []string
	if cell.Style.Fg != nil {
		words = append(words, "letters "+hex(cell.Style.Fg))
	}
	if cell.Style.Bg != nil {
		words = append(words, "on "+hex(cell.Style.Bg))
	}
	for _, a := range []struct {
		bit  uint8
		name string
	}{{uv.AttrBold, "bold"}, {uv.AttrFaint, "faint"}, {uv.AttrReverse, "reversed"}, {uv.AttrItalic, "italic"}} {
		if cell.Style.Attrs&a.bit != 0 && (cell.Content != " " || a.bit == uv.AttrReverse) {
			words = append(words, a.name)
		}
	}
	if cell.Style.Underline != uv.UnderlineNone {
		words = append(words, "underlined")
	}
	if cell.Content == " " && cell.Style.Bg == nil && cell.Style.Attrs&uv.AttrReverse == 0 {
		return "" // letters that are not there have no colour
	}
	return strings.Join(words, ", ")
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
