package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;

/** Events accepted, stored, delivered and recorded a second, in turn with a route that only passes them on. */
final class ThroughputSection implements Section {

    private static final String BASELINE = "baseline";
    private static final String HEADER = "header";
    private static final String OAUTH2 = "oauth2";
    private static final String POSTGRES = "header, PostgreSQL";

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        try (Contest contest = new Contest(plan, vertx)) {
            contest.enter(Contestant.baseline(BASELINE, plan, vertx));
            contest.enter(Contestant.product(HEADER, BenchConfig.HEADER, false, plan, vertx));
            contest.enter(Contestant.product(OAUTH2, BenchConfig.OAUTH2, false, plan, vertx));
            contest.enter(Contestant.product(POSTGRES, BenchConfig.HEADER, true, plan, vertx));
            contest.run(report);
            report.add(figure(
                    "sqlite-to-baseline",
                    "delivered and recorded a second, SQLite, against the baseline",
                    HEADER,
                    BASELINE,
                    0.7,
                    contest));
            report.add(figure(
                    "postgres-to-baseline",
                    "the same, PostgreSQL on the same machine",
                    POSTGRES,
                    BASELINE,
                    0.4,
                    contest));
            report.add(
                    figure("oauth2-to-header", "OAuth2 against header authentication", OAUTH2, HEADER, 0.95, contest));
        }
    }

    private static Figure figure(String id, String what, String one, String other, double bar, Contest contest) {
        return new Figure(id, what, contest.ratio(one, other), "×", Bar.atLeast(bar), contest.spread(one, other));
    }
}
