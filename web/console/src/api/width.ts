// A quarter's fit of brand-width standards, as the server writes it. Nobody is paid by it: it is a proposal.

export type Feature = "town" | "grade" | "monthly_order" | "stock_to_sales";
export const FEATURES: readonly Feature[] = ["town", "grade", "monthly_order", "stock_to_sales"];

export interface Cluster {
  cluster: number;
  shops: number;
  centre: Record<Feature, number>;
  mean_width: number;
  r2: number | null;
  ideal_margin: number;
}

export interface FittedShop {
  retailer_id: string;
  route_id: string;
  area: "town" | "rural";
  grade: number;
  monthly_order: number;
  stock_to_sales: number;
  width: number;
  cluster: number;
  predicted: number;
  residual: number;
  ideal: number;
}

export interface RouteWidth {
  route_id: string;
  name: string;
  shops: number;
  left_out: number;
  width: number;
  standard: number;
  ideal: number;
  current: { standard: number; ideal: number } | null;
}

export interface QuarterFit {
  quarter: string;
  skus: number;
  r2: number | null;
  routes: RouteWidth[];
  clusters: Cluster[];
  shops: FittedShop[];
  left_out: { route_id: string; retailer_id: string; why: "not_all_quarter" | "no_sales" | "no_stock_check" }[];
  warnings: string[];
}
