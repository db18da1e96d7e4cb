import type { UseQueryResult } from "@tanstack/react-query";
import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { Failure } from "./Failure";

interface Props<T> {
  readonly of: UseQueryResult<T>;
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}

/** What was asked for, once it is there; until then its shape, and on failure the way to try again. */
export function Loaded<T>({ of, rows = 4, children }: Props<T>) {
  if (of.isPending) return <Skeleton active title={false} paragraph={{ rows }} />;
  if (of.isError) return <Failure error={of.error} retry={() => void of.refetch()} />;
  return children(of.data);
}
