import { type MappingAlgorithm, type ThemeConfig, theme } from "antd";

/** antd derives its shades from these; every other colour on the page is the token itself. */
export function themeFor(isDark: boolean): ThemeConfig {
  const token = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return {
    algorithm: isDark ? [theme.darkAlgorithm, asGiven] : theme.defaultAlgorithm,
    token: {
      colorPrimary: token("jade"),
      colorPrimaryHover: towardsInk("jade", 12),
      colorPrimaryActive: towardsInk("jade", 24),
      colorInfo: token("blue"),
      colorLink: token("jade"),
      colorError: token("red"),
      colorErrorHover: towardsInk("red", 12),
      colorErrorActive: towardsInk("red", 24),
      colorWarning: token("amber"),
      colorSuccess: token("jade"),
      colorText: token("ink"),
      colorTextSecondary: token("ink-2"),
      colorTextTertiary: token("ink-2"),
      colorTextDescription: token("ink-2"),
      colorTextPlaceholder: token("ink-2"),
      colorBgBase: token("paper"),
      colorBgContainer: token("paper"),
      colorBgElevated: token("paper"),
      colorBgLayout: token("canvas"),
      colorBorder: "var(--control)",
      colorBorderSecondary: token("line"),
      colorTextLightSolid: token("on-jade"),
      // In the dark a shadow alone parts nothing from the page below it.
      boxShadowSecondary: "0 0 0 1px var(--line), var(--float)",
      borderRadius: 6,
      fontSize: 14,
      fontFamily: "inherit",
      motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      motionDurationMid: "0.15s",
      motionDurationSlow: "0.18s",
      controlHeight: 32,
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 },
      Tooltip: { colorBgSpotlight: token("ink"), colorTextLightSolid: token("paper") },
    },
  };
}

/** Pressed is never paler: its words must stay readable. */
function towardsInk(name: string, percent: number): string {
  return `color-mix(in srgb, var(--ink) ${percent}%, var(--${name}))`;
}

/** antd's dark algorithm dims every colour that it is given; ours were chosen for the dark already. */
const asGiven: MappingAlgorithm = (seed, map) => ({
  ...(map ?? theme.darkAlgorithm(seed)),
  colorPrimary: seed.colorPrimary,
  colorError: seed.colorError,
  colorWarning: seed.colorWarning,
  colorSuccess: seed.colorSuccess,
  colorInfo: seed.colorInfo,
});
