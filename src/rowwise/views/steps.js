// Keys for the page of steps: walk from card to card, follow a value, play from record to record.
const all = (query, inside = document) => [...inside.querySelectorAll(query)];
const articles = all("article");
const player = document.getElementById("when");
let now = 0, card = -1, timer = null;

const cards = () => all("section > .card", articles[now]);

function step(to) {
  const found = cards();
  found[card]?.classList.remove("here");
  card = Math.max(0, Math.min(found.length - 1, to));
  found[card].classList.add("here");
  found[card].focus({ preventScroll: true });
  found[card].scrollIntoView({ block: "center" });
}

function expand() {
  const folds = all("details", cards()[card]);
  const open = folds.some((fold) => !fold.open);
  folds.forEach((fold) => (fold.open = open));
}

// "makes" is where a value came from, "reads" where it goes: the next reader after this card, round to the first.
function follow(name, how) {
  const at = (value) => cards().findIndex((each) => each.contains(value));
  const found = all(`.value.${how}`, articles[now]).filter((value) => value.dataset.name === name);
  const value = how === "makes" ? found[0] : found.find((each) => at(each) > card) ?? found[0];
  if (!value) return;
  for (let up = value.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  step(at(value));
  all(".found").forEach((each) => each.classList.remove("found"));
  value.classList.add("found");
}

function followed(how) {
  const focused = document.activeElement?.closest?.(".value") ?? cards()[card]?.querySelector(".found");
  const other = how === "makes" ? "reads" : "makes";
  const value = focused ?? cards()[card]?.querySelector(`.value.${other}, .value`);
  if (value) follow(value.dataset.name, how);
}

function show(k) {
  if (articles.length < 2) return;
  cards()[card]?.classList.remove("here");
  articles[now].hidden = true;
  now = (k + articles.length) % articles.length;
  articles[now].hidden = false;
  player.value = now;
  document.getElementById("label").textContent = articles[now].dataset.label;
  all(".course circle").forEach((dot, k) => dot.classList.toggle("now", k === now));
  if (card >= 0) cards()[card]?.classList.add("here");
}

function play() {
  timer = timer ? clearInterval(timer) : setInterval(() => (now + 1 < articles.length ? show(now + 1) : play()), 600);
  document.getElementById("play").textContent = timer ? "❚❚" : "▶";
}

const many = articles.length > 1;
const keys = {
  ArrowDown: () => step(card + 1), j: () => step(card + 1), n: () => step(card + 1),
  ArrowUp: () => step(card - 1), k: () => step(card - 1), p: () => step(card - 1),
  ArrowRight: () => (many ? show(Math.min(now + 1, articles.length - 1)) : step(card + 1)),
  ArrowLeft: () => (many ? show(Math.max(now - 1, 0)) : step(card - 1)),
  Home: () => step(0), End: () => step(cards().length - 1),
  Enter: expand, e: expand,
  o: () => followed("makes"), g: () => followed("reads"),
  " ": () => many && (timer || now + 1 < articles.length || show(0), play()),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, button, summary")) return;
  if (event.key === "Enter" && event.target.matches(".value")) return follow(event.target.dataset.name, "makes");
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener("click", (event) => {
  const value = event.target.closest(".value");
  if (value) {
    card = cards().findIndex((each) => each.contains(value));
    follow(value.dataset.name, value.classList.contains("makes") ? "reads" : "makes");
  }
});
player?.addEventListener("input", () => show(Number(player.value)));
document.getElementById("play")?.addEventListener("click", keys[" "]);
show(0);
