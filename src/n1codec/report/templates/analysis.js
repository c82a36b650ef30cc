const specs = JSON.parse(document.getElementById("specs").textContent);
const configs = JSON.parse(document.getElementById("configs").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
async function draw() {
  for (const [id, spec] of Object.entries(specs)) {
    const ground = dark.matches ? "dark" : "light";
    const options = {config: configs[ground], renderer: "svg", actions: false, tooltip: {theme: ground}};
    await vegaEmbed(document.getElementById(id), spec, options);
  }
  document.documentElement.dataset.drawn = "yes";
}
dark.addEventListener("change", draw);
draw();
