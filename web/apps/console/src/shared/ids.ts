export { newKey as freshId } from "@miaohui/client";
