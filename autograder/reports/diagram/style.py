"""How a diagram looks: one sheet for all of them."""

# A page that holds the picture gives it the colour of its own text, and may be light or dark
# whatever the system says: the three other colours are legible on both. Alone, the picture has
# its own paper.
STYLE = """
.lab4-st { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  max-width: 100%; min-width: 700px; height: auto; }
.lab4-st:root { color: #1f2328; background: #fff; max-width: none; }
@media (prefers-color-scheme: dark) {
  .lab4-st:root { color: #e6edf3; background: #0d1117; }
}
.lab4-st text { fill: currentColor; white-space: pre; }
.lab4-st .st-name { font-weight: bold; text-anchor: middle; }
.lab4-st .st-time { font-size: 13px; text-anchor: end; opacity: .7; }
.lab4-st .st-gap text, .lab4-st .st-legend text { opacity: .7; }
.lab4-st .st-where, .lab4-st .st-print text { opacity: .7; }
.lab4-st .st-print .st-where { opacity: 1; }
.lab4-st .st-life { stroke: #8a8f98; stroke-opacity: .4; }
.lab4-st .st-merged { stroke-width: 5; stroke-opacity: .25; }
.lab4-st .st-rule { stroke: #8a8f98; stroke-opacity: .6; stroke-dasharray: 1 5; }
.lab4-st .st-line { stroke: currentColor; stroke-width: 1.3; fill: none; }
.lab4-st .st-head { fill: currentColor; stroke: none; }
.lab4-st .st-about .st-line { stroke: #4c8dd6; stroke-width: 2.2; }
.lab4-st .st-about .st-head { fill: #4c8dd6; }
.lab4-st .st-wrong .st-line, .lab4-st .st-missing .st-line { stroke: #d65f5f; stroke-width: 3; }
.lab4-st .st-missing .st-line.st-way { stroke-dasharray: 8 6; }
.lab4-st .st-wrong .st-head, .lab4-st .st-missing .st-head { fill: #d65f5f; }
.lab4-st .st-wrong text, .lab4-st .st-missing text { font-weight: bold; }
.lab4-st .st-row .st-time, .lab4-st .st-legend text { font-weight: normal; }
"""
