// Every signed-in page once: its path, its place in the navigation, who sees it.

import type { ComponentType } from "preact";
import type { IconName } from "../ui/icons";
import { AccountPage } from "./account";
import { ApiKeysPage } from "./apikeys";
import { AuditPage } from "./audit";
import { BackupPage } from "./backup";
import { ConnectionsPage } from "./connections";
import { DashboardPage } from "./dashboard";
import { FundsPage } from "./funds";
import { HoldingsPage } from "./holdings";
import { LatencyPage } from "./latency";
import { LogsPage } from "./logs";
import { OrderBookPage } from "./orderbook";
import { PositionsPage } from "./positions";
import { SecurityPage } from "./security/page";
import { SettingsPage } from "./settings";
import { TradePage } from "./trade/page";
import { TradeBookPage } from "./tradebook";
import { TrafficPage } from "./traffic";
import { UsersPage } from "./users";

export interface PageEntry {
  path: string;
  title: string;
  icon: IconName;
  group: "Trading" | "Access" | "Gateway";
  page: ComponentType;
  ownerOnly?: boolean;
}

export const pages: readonly PageEntry[] = [
  { path: "/dashboard", title: "Dashboard", icon: "home", group: "Trading", page: DashboardPage },
  { path: "/trade", title: "Trade", icon: "trade", group: "Trading", page: TradePage },
  { path: "/orderbook", title: "Orders", icon: "orders", group: "Trading", page: OrderBookPage },
  { path: "/tradebook", title: "Trades", icon: "fills", group: "Trading", page: TradeBookPage },
  { path: "/positions", title: "Positions", icon: "positions", group: "Trading", page: PositionsPage },
  { path: "/holdings", title: "Holdings", icon: "holdings", group: "Trading", page: HoldingsPage },
  { path: "/funds", title: "Funds", icon: "funds", group: "Trading", page: FundsPage },
  { path: "/apikeys", title: "API keys", icon: "key", group: "Access", page: ApiKeysPage },
  { path: "/account", title: "Account", icon: "account", group: "Access", page: AccountPage },
  { path: "/users", title: "Users", icon: "users", group: "Access", page: UsersPage, ownerOnly: true },
  { path: "/security", title: "Security", icon: "shield", group: "Gateway", page: SecurityPage, ownerOnly: true },
  { path: "/traffic", title: "Traffic", icon: "traffic", group: "Gateway", page: TrafficPage, ownerOnly: true },
  { path: "/latency", title: "Latency", icon: "latency", group: "Gateway", page: LatencyPage, ownerOnly: true },
  { path: "/connections", title: "Connections", icon: "connections", group: "Gateway", page: ConnectionsPage, ownerOnly: true },
  { path: "/audit", title: "Audit", icon: "audit", group: "Gateway", page: AuditPage, ownerOnly: true },
  { path: "/logs", title: "Logs", icon: "logs", group: "Gateway", page: LogsPage, ownerOnly: true },
  { path: "/backup", title: "Backup", icon: "backup", group: "Gateway", page: BackupPage, ownerOnly: true },
  { path: "/settings", title: "Settings", icon: "settings", group: "Gateway", page: SettingsPage, ownerOnly: true },
];
