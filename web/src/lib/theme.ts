// Light, dark, or as the system says. The choice lives in this browser.

import { useEffect, useState } from "preact/hooks";

export type Theme = "system" | "light" | "dark";
const kKey = "kavach.theme";

function stored(): Theme {
  try {
    const value = window.localStorage.getItem(kKey);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system"; // storage may be forbidden
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function useTheme(): [Theme, (next: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  useEffect(() => applyTheme(theme), [theme]);
  const choose = (next: Theme) => {
    setTheme(next);
    try {
      window.localStorage.setItem(kKey, next);
    } catch {
      // Then it lasts until the page is reloaded.
    }
  };
  return [theme, choose];
}

export const isDark = (theme: Theme): boolean =>
  theme === "dark" || (theme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
