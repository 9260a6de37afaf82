package dashboards

// columns of Grafana's grid.
const columns = 24

// Heights in rows of the grid.
const (
	rowHeight    = 1
	figureHeight = 4
	graphHeight  = 8
)

// section is a row of the dashboard with a title. Its panels share each line evenly.
type section struct {
	title string
	// perLine is how many panels stand side by side, a divisor of 24.
	perLine int
	height  int
	panels  []panel
}

// figures is the section of present values: up to six in a line, else lines of four.
func figures(panels ...panel) section {
	s := section{title: "Now", perLine: 4, height: figureHeight, panels: panels}
	if count := len(panels); count < 7 && count > 4 {
		s.perLine = 6
	}
	return s
}

// graphs is a section of graphs, two in a line.
func graphs(title string, panels ...panel) section {
	return section{title: title, perLine: 2, height: graphHeight, panels: panels}
}

// layout gives every panel its place and its number, section below section.
func layout(sections []section) []panel {
	var placed []panel
	top := 0
	for _, s := range sections {
		placed = append(placed, s.head(top))
		top += rowHeight
		width := columns / s.perLine
		for i, panel := range s.panels {
			panel.GridPos = gridPos{X: i % s.perLine * width, Y: top + i/s.perLine*s.height, W: width, H: s.height}
			placed = append(placed, panel)
		}
		top += (len(s.panels) + s.perLine - 1) / s.perLine * s.height
	}
	for i := range placed {
		placed[i].ID = i + 1
	}
	return placed
}

// head of the section. Its panels follow it on the dashboard: only those of a collapsed row are inside it.
func (s section) head(top int) panel {
	collapsed := false
	return panel{
		Type: "row", Title: s.title, GridPos: gridPos{Y: top, W: columns, H: rowHeight}, Collapsed: &collapsed, Panels: []panel{},
	}
}
