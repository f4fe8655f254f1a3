// Package tui is a terminal program to look at a run: it shows a recording at one instant, and lets time go on, back, and to where something
// happened. Acting is writing a scenario: a command is added to the script at its instant and the world is run again, so that what
// was done can be undone, and saved as a file that replays exactly.
//
// The law of the house: one model (model.go); Update changes it and does nothing else, what takes time is a tea.Cmd; what is seen is drawn by
// pure functions from a view (view.go) into panes whose places are computed once for a size (layout.go); colours and signs are in one
// place (theme.go); what a key does stands in one table (keys.go), from which the help is made. What can be done to the world is a line of
// text (command.go), typed, picked from a menu, or bound to a key.
package tui
