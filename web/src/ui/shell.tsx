// The console around its pages: top bar, navigation, and on a phone a tab bar.

import { useState } from "preact/hooks";
import * as auth from "../api/auth";
import * as trading from "../api/trading";
import type { NamedQuote } from "../api/trading";
import { percent, price } from "../lib/format";
import { useLive, useQuotes } from "../lib/liveprices";
import { Link, useLocation } from "../lib/router";
import { usePolled } from "../lib/poll";
import { useSession } from "../lib/session";
import { isDark, useTheme } from "../lib/theme";
import { pages } from "../pages/table";
import type { PageEntry } from "../pages/table";
import { ask, attempt } from "./asking";
import { Button } from "./form";
import { Brand } from "./gate";
import { Icon } from "./icons";
import { Page, Panel, signClass } from "./panel";

export function Shell({ onSignedOut }: { onSignedOut: () => void }) {
  const { session } = useSession();
  const { path } = useLocation();
  const [menuOpen, setMenuOpen] = useState(false);
  const visible = pages.filter((entry) => entry.ownerOnly !== true || session.role === "owner");
  const entry = visible.find((candidate) => candidate.path === path);
  const Content = entry?.page ?? NoSuchPage;
  return (
    <div class="shell">
      <a class="skip-link" href="#main">Skip to the page</a>
      <TopBar onSignedOut={onSignedOut} />
      <Sidebar entries={visible} path={path} open={menuOpen} onClose={() => setMenuOpen(false)} />
      <main class="main" id="main" tabIndex={-1}><Content key={path} /></main>
      <TabBar path={path} onMore={() => setMenuOpen(true)} />
    </div>
  );
}

function NoSuchPage() {
  return <Page title="No such page"><Panel>There is nothing here, or it is not for your role.</Panel></Page>;
}

const kIndices = [
  { exchange: "NSE_INDEX", symbol: "NIFTY" },
  { exchange: "NSE_INDEX", symbol: "BANKNIFTY" },
  { exchange: "BSE_INDEX", symbol: "SENSEX" },
];
const kTickerMs = 10_000;

function TopBar({ onSignedOut }: { onSignedOut: () => void }) {
  const { session } = useSession();
  const [theme, setTheme] = useTheme();
  const indices = useQuotes(kIndices, kTickerMs);
  const dark = isDark(theme);
  const leave = async () => {
    if (await attempt(auth.logout)) onSignedOut();
  };
  return (
    <header class="topbar">
      <Link to="/dashboard" class="brand"><Brand /></Link>
      <div class="ticker" aria-label="Indices">{(indices.data ?? []).map((quote) => <IndexQuote key={quote.symbol} quote={quote} />)}</div>
      <div class="topbar-end">
        <LiveState />
        <KillSwitch />
        <ModeSwitch />
        <span class="hide-phone">
          <Button kind="quiet" label={dark ? "Use light colours" : "Use dark colours"} onClick={() => setTheme(dark ? "light" : "dark")}>
            <Icon name={dark ? "sun" : "moon"} />
          </Button>
        </span>
        <Link to="/account" class="button quiet" title={`Signed in as ${session.username}`}>
          <Icon name="account" /><span class="hide-phone">{session.username}</span>
        </Link>
        <Button kind="quiet" label="Sign out" onClick={leave}><Icon name="out" /></Button>
      </div>
    </header>
  );
}

function IndexQuote({ quote }: { quote: NamedQuote }) {
  const change = quote.prev_close === 0 ? 0 : (quote.ltp / quote.prev_close - 1) * 100;
  return (
    <Link to={`/trade?symbol=${quote.exchange}:${quote.symbol}`}>
      <span class="name">{quote.symbol}</span>
      <span>{price(quote.ltp)}</span>
      <span class={signClass(change)}>{percent(change)}</span>
    </Link>
  );
}

function LiveState() {
  const live = useLive();
  const text = live ? "Prices and orders arrive as they happen" : "No live connection: asking every few seconds";
  return <span class={live ? "live-state on" : "live-state"} title={text} role="status" aria-label={text}>{live ? "streaming" : "polling"}</span>;
}

const kStateMs = 15_000;

/** Stops everybody's orders; shown to whoever may throw it, and to all while it is thrown. */
function KillSwitch() {
  const { session } = useSession();
  const state = usePolled(() => trading.tradingState(), kStateMs);
  const thrown = state.data !== undefined && state.data !== "ACTIVE";
  if (state.data === undefined || (session.role !== "owner" && !thrown)) return null;
  if (session.role !== "owner") return <span class="mode analyze" role="status">{state.data}</span>;
  const change = async () => {
    const yes = await ask(
      thrown
        ? { title: "Let orders through again", text: "Everybody's strategies can trade again at once.", action: "Let them through" }
        : { title: "Stop all trading", text: "Every working order of every account is cancelled and no new one is taken, until you let them through again. Open positions stay.", action: "Stop all trading", danger: true },
    );
    if (yes) await attempt(() => trading.setTradingState(thrown ? "ACTIVE" : "HALTED", "by hand, in the console"), thrown ? "Orders go through again." : "Trading is stopped.");
    state.refresh();
  };
  return (
    <Button kind={thrown ? "danger" : "quiet"} small label={thrown ? "Trading is stopped. Let orders through" : "Stop all trading"} onClick={change}>
      {thrown ? state.data : <Icon name="stop" />}
    </Button>
  );
}

function ModeSwitch() {
  const { session, reload } = useSession();
  if (session.mode === undefined) return null;
  const analyze = session.mode === "analyze";
  const change = async () => {
    const yes = await ask(
      analyze
        ? { title: "Switch to live", text: "Orders will go to your connected broker.", action: "Switch to live", danger: true }
        : { title: "Switch to analyze", text: "Orders will go to the simulated account of the analyzer and not to your broker.", action: "Switch to analyze" },
    );
    if (yes && (await attempt(() => trading.setMode(analyze ? "live" : "analyze")))) await reload();
  };
  return (
    <Button kind="quiet" small label={`Mode: ${session.mode}. Change`} onClick={change}>
      <span class={`mode ${session.mode}`}>{session.mode.toUpperCase()}</span>
    </Button>
  );
}

interface SidebarProps {
  entries: readonly PageEntry[];
  path: string;
  open: boolean;
  onClose: () => void;
}
function Sidebar({ entries, path, open, onClose }: SidebarProps) {
  const groups = ["Trading", "Access", "Gateway"] as const;
  return (
    <>
      {open ? <button type="button" class="scrim" aria-label="Close the menu" onClick={onClose} /> : null}
      <nav class={open ? "sidebar open" : "sidebar"} aria-label="Pages">
        {groups.map((group) => {
          const members = entries.filter((entry) => entry.group === group);
          return members.length === 0 ? null : (
            <div class="nav-group" key={group}>
              <h2>{group}</h2>
              {members.map((entry) => (
                <Link key={entry.path} to={entry.path} class="nav-item" current={entry.path === path} onNavigate={onClose}>
                  <Icon name={entry.icon} />{entry.title}
                </Link>
              ))}
            </div>
          );
        })}
      </nav>
    </>
  );
}

const kTabs = ["/dashboard", "/trade", "/orderbook", "/positions"];

function TabBar({ path, onMore }: { path: string; onMore: () => void }) {
  return (
    <nav class="tabbar" aria-label="Main pages">
      {pages.filter((entry) => kTabs.includes(entry.path)).map((entry) => (
        <Link key={entry.path} to={entry.path} current={entry.path === path}><Icon name={entry.icon} />{entry.title}</Link>
      ))}
      <button type="button" onClick={onMore}><Icon name="more" />More</button>
    </nav>
  );
}
