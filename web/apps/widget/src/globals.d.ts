/** Changes with every build of the app, so that a cached loader never meets another app. */
declare const __VERSION__: string;

declare module "*.css?inline" {
  const css: string;
  export default css;
}
