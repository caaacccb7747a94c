// Shops: find one by name or initials, for its file or for a visit that nobody planned.

import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import type { ShopHeader } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { Ask, Screen } from "../parts/basics.tsx";
import { matches } from "../parts/pinyin.ts";
import { t } from "../state.ts";

/** As many as a thumb scrolls; more letters find the rest. */
const SHOWN = 60;

export function shopLine(shop: ShopHeader): string {
  const parts = [
    shop.sequence !== null && t("shops.stop", { n: shop.sequence }),
    shop.grade !== null && t("shops.grade", { n: shop.grade }),
    shop.area && t(`shops.${shop.area}`),
    shop.format,
  ];
  return parts.filter(Boolean).join(" · ");
}

export function Shops() {
  const asked = useAsk("shops", {});
  const [typed, setTyped] = useState("");
  return (
    <Screen tabbed>
      <header class="top stack">
        <h1 class="title">{t("shops.title")}</h1>
        <input class="input" type="search" placeholder={t("shops.search")} aria-label={t("shops.search")} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      </header>
      <Ask of={asked}>
        {(shops) => {
          const found = shops.filter((shop) => matches(shop.name, typed) || shop.retailer === typed.trim());
          return found.length === 0 ? <p class="muted pad16">{t("count.notfound", { text: typed })}</p> : (
            <ul class="card list">
              {found.slice(0, SHOWN).map((shop) => (
                <li key={shop.retailer}>
                  <a class="stop" href={`#/shop/${shop.retailer}`}>
                    <span class="stop__no">{shop.sequence}</span>
                    <span class="stop__name">{shop.name}</span>
                    <Icon name="forward" />
                    <span class="stop__meta">{shop.route_name} · {t("shops.grade", { n: shop.grade })}</span>
                  </a>
                </li>
              ))}
            </ul>
          );
        }}
      </Ask>
    </Screen>
  );
}
