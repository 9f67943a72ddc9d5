/** The report's looks. Charts take their colours from here. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1d2430; --soft: #5c6675; --line: #d9dee6; --ours: #1763c6; --theirs: #a3adbb; --native: #c98a2b; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --ink: #e6eaf0; --soft: #9aa5b4; --line: #323a47; --ours: #6aa8ff; --theirs: #667180; --native: #d9a657; }
}
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; }
p { margin: .2rem 0 .8rem; max-width: 48rem; }
.fine, section > p, details > p { color: var(--soft); font-size: .9rem; }
.chart, .wide { overflow-x: auto; }
.chart svg { max-width: 100%; min-width: 40rem; height: auto; background: none; color: var(--ink); }
summary { cursor: pointer; color: var(--soft); font-size: .9rem; border-top: 1px solid var(--line); padding: .6rem 0; }
summary h2 { display: inline; color: var(--ink); margin-right: .6rem; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .15rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:nth-child(-n+2), td:nth-child(-n+2), td:last-child { text-align: left; }
.error { color: var(--soft); white-space: normal; }
`;
