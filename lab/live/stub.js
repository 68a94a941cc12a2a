// What Streamlit carries with every update: it only fetches the real module, once, and hands over.
// Updates may overtake one another while the module loads: the latest wins, hence the note on the host.
// The names in double underscores are filled in by assets.py. The address of Streamlit's own script tells where the app lives.
const own = document.querySelector('script[src*="/static/js/"]');
const base = own ? new URL("../../", own.src) : new URL("./", location.href);
const url = (path) => new URL(path, base).href;

const style = (href) => (window.descentLabStyle ??= new Promise((done) => {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done });
  document.head.append(link);
}));

export default async function (component) {
  const host = component.parentElement;
  host.descentLab = component;
  try {
    const [module] = await Promise.all([import(url("__SCRIPT__")), style(url("__STYLE__"))]);
    return module.mount("__KIND__", host, url("__PLOTLY__"));
  } catch (error) {
    console.error(error);
    host.textContent = "⚠ Reload the page · Обновите страницу";
  }
}
