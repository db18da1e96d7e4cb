"""Every fault that the delivery contract must survive, its tier, and the tests that bring it about.

`python -m tests.faults.table` prints it. Tiers: C with every commit, N every night, R before a release. A row without a
test says why; `docs/how-to/prove-under-fault.md` lists these.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One fault. Tests are named from `tests/`, commands as they are typed."""

    fault: str
    tier: str
    tests: tuple[str, ...] = ()
    missing: str = ""
    """What no test brings about yet."""


_SWEEP = "faults/test_crash_points.py::test_a_crash_there_loses_nothing_and_doubles_nothing"
_SIMULATED = "simulation/test_planted_bugs.py::test_without_a_bug_every_promise_is_kept"
_CLUSTER = "python -m bench.cluster --only "
_ENGINES = "engines/test_faults_streams.py::test_"
_ROUTES = "engines/test_faults_routes.py::test_"
_PROVIDERS = "faults/test_providers_under_load.py::test_"
_WECHAT = "wechat/test_delivery.py::test_"
_VERSIONS = "faults/test_two_versions.py::test_"
_OUTAGES = "webhooks/test_outages.py::test_"

A = {
    **{
        f"A{number}": Row(f"kill -9 at place {number} of a turn", "C", (_SWEEP,))
        for number in (*range(1, 11), *range(12, 16))
    },
    "A11": Row(
        "kill -9 after a tool did its work",
        "C",
        ("tools/test_loop.py::test_a_turn_that_is_begun_again_calls_under_the_same_keys", _SIMULATED),
    ),
    "A16": Row("kill -9 at random moments under load", "N", (_SIMULATED, _CLUSTER + "node-killed")),
    "A17": Row(
        "kill -9 during recovery",
        "C",
        ("faults/test_crash_points.py::test_crashes_during_recovery_are_recovered_from",),
    ),
    "A18": Row(
        "a node sleeps through its lease",
        "N",
        (
            "integration/test_nodes_dying.py::test_a_node_that_wakes_after_its_lease_has_nothing_more_to_say",
            _CLUSTER + "node-asleep",
        ),
    ),
    "A19": Row("power loss", "N", ("faults/test_power_loss.py::test_what_was_acked_is_there_whenever_the_power_went",)),
}
B = {
    "B1": Row(
        "accepts, never answers", "C", (_ENGINES + "f21_silence_in_any_form_ends_at_the_deadline_of_the_first_word",)
    ),
    "B2": Row("stalls in the answer", "C", (_ENGINES + "f22_a_stall_in_the_answer_ends_at_the_idle_deadline",)),
    "B3": Row(
        "429 with and without a wish to wait",
        "C",
        (
            _ROUTES + "f23_a_throttled_key_rests_as_long_as_the_provider_says_and_nobody_sees_it",
            _ROUTES + "f23_a_long_rest_of_the_only_key_is_not",
            _ROUTES + "f24_a_key_without_credit_is_dead_and_there_is_no_storm",
        ),
    ),
    "B4": Row(
        "bursts of 5xx",
        "C",
        (
            "engines/test_router.py::test_five_failures_open_the_breaker_and_one_turn_at_a_time_probes",
            _ROUTES + "f27_an_overloaded_provider_is_left_for_the_next",
        ),
    ),
    "B5": Row(
        "6 % timeouts",
        "C",
        (
            "engines/test_breaker.py::test_more_than_five_percent_timeouts_of_at_least_twenty_open_it",
            "engines/test_flapping.py::test_f45_a_flapping_primary_costs_nobody_an_answer_and_never_more_than_one_probe",
        ),
    ),
    "B6": Row(
        "garbage in any form",
        "C",
        (
            _ENGINES + "f01_a_character_split_over_two_reads_stays_whole",
            _ENGINES + "f06_a_log_in_page_in_place_of_a_stream_is_a_broken_route",
            _ENGINES + "f31_a_line_past_all_bounds_is_an_error_and_not_memory",
            _ENGINES + "f32_a_malformed_chunk_is_a_cut_answer_and_not_skipped",
        ),
    ),
    "B7": Row("words after the end", "C", (_ENGINES + "f43_what_comes_after_done_is_not_part_of_the_answer",)),
    "B8": Row(
        "reset, TLS, DNS, a byte a second",
        "C",
        (
            _ENGINES + "f20_a_reset_before_or_after_the_head_is_not_seen_and_one_in_the_answer_restarts_it",
            _ROUTES + "f38_a_provider_that_cannot_be_reached_costs_next_to_no_time",
            "engines/test_openai.py::test_a_server_without_tls_fails_an_https_client_quickly",
            "engines/test_openai.py::test_a_stream_that_never_pauses_long_enough_still_ends_at_its_total",
        ),
    ),
    "B9": Row(
        "a key is revoked under load", "C", (_ROUTES + "f26_a_key_refused_during_a_rotation_gives_way_to_the_other",)
    ),
    "B10": Row(
        "no words, a refusal, too many words",
        "C",
        (
            _ENGINES + "f34_thought_without_an_answer_is_a_failure",
            _ENGINES + "f19_finish_reasons_mean_what_they_say",
            "engines/test_openai.py::test_an_answer_that_will_not_end_is_cut_and_marked",
        ),
    ),
    "B11": Row(
        "all providers down",
        "N",
        (
            _PROVIDERS + "while_all_are_away_every_turn_ends_and_nothing_bursts_out_afterwards",
            _ROUTES + "f46_with_all_providers_down_the_local_server_answers_and_then_the_knowledge_base",
        ),
    ),
    "B12": Row(
        "slow, and 1 % very slow",
        "N",
        (
            _PROVIDERS + "one_in_a_hundred_that_never_answers_holds_up_nobody_else",
            "engines/test_hedge.py::test_only_a_small_share_of_turns_is_hedged",
        ),
    ),
    "B13": Row(
        "the client leaves",
        "C",
        (_ENGINES + "f41_leaving_in_the_middle_closes_the_upstream_at_once_and_is_written_once",),
    ),
    "B14": Row("the client leaves at the first event", "C", (_SIMULATED,)),
}
C = {
    "C1": Row(
        "Redis is down at the start",
        "N",
        ("integration/test_redis_away.py::test_a_node_that_starts_without_it_serves",),
    ),
    "C2": Row(
        "Redis is killed under load",
        "N",
        (
            "integration/test_redis_away.py::test_killed_under_load_it_delays_the_other_node_and_loses_nothing",
            _CLUSTER + "redis-killed",
        ),
    ),
    "C3": Row(
        "FLUSHALL in mid-stream",
        "N",
        ("integration/test_redis_away.py::test_emptied_in_mid_stream_it_does_no_harm", _CLUSTER + "redis-flushed"),
    ),
    "C4": Row(
        "failover to an empty Redis",
        "N",
        ("faults/test_through_the_proxy.py::test_a_failover_to_an_empty_redis_is_got_over_within_seconds",),
    ),
    "C5": Row("a tenth of announcements is lost", "C", (_SIMULATED,)),
    "C6": Row(
        "Redis is late, half open, in single bytes",
        "N",
        ("faults/test_through_the_proxy.py::test_a_redis_that_is_not_well_delays_no_ack_past_two_seconds",),
    ),
    "C7": Row(
        "Redis is full or read-only",
        "N",
        (
            "faults/test_through_the_proxy.py::test_a_redis_that_takes_nothing_more_is_as_one_that_is_away",
            "engines/test_limits.py::test_f44_redis_down_or_without_its_scripts_never_fails_a_request",
        ),
    ),
    "C8": Row(
        "cancel storm",
        "C",
        (
            "faults/test_cancel_storm.py::test_reads_of_the_records_answer_who_asked",
            "faults/test_cancel_storm.py::test_redis_answers_who_asked",
            "engines/test_rotation.py::test_two_thousand_streams_left_at_random_leave_nothing_open_and_are_all_counted",
        ),
    ),
}
D = {
    "D1": Row(
        "PostgreSQL restarts",
        "N",
        (
            "integration/test_postgres_away.py::test_every_send_resolves_to_one_message_and_one_answer",
            _CLUSTER + "postgres-restarted",
        ),
    ),
    "D2": Row(
        "PostgreSQL is killed",
        "N",
        (
            "integration/test_postgres_away.py::test_every_send_resolves_to_one_message_and_one_answer",
            _CLUSTER + "postgres-killed",
        ),
    ),
    "D3": Row("backends are terminated", "N", ("kit/test_servers.py::test_cut_connections_heal_by_themselves",)),
    "D4": Row(
        "a conversation's row is locked",
        "N",
        ("faults/test_locked_rows.py::test_a_held_row_refuses_its_own_conversation_and_no_other",),
    ),
    "D5": Row(
        "the table is locked",
        "N",
        ("faults/test_locked_rows.py::test_a_held_table_refuses_everybody_in_time_and_is_got_over",),
    ),
    "D6": Row(
        "too many connections",
        "N",
        ("kit/test_servers.py::test_a_server_without_a_free_connection_refuses_in_time_and_is_got_over",),
    ),
    "D7": Row(
        "the disk is full",
        "N",
        (
            "kit/test_sqlite.py::test_a_full_disk_stores_nothing_lets_reads_go_on_and_is_got_over",
            "faults/test_failing_disk.py::test_a_failing_disk_acks_nothing_lets_reads_go_on_and_is_got_over",
            "faults/test_failing_disk.py::test_a_full_disk_of_the_server_is_no_other",
        ),
    ),
    "D8": Row(
        "fsync fails",
        "N",
        ("faults/test_failing_disk.py::test_a_failing_disk_acks_nothing_lets_reads_go_on_and_is_got_over", _SIMULATED),
    ),
    "D9": Row(
        "another process has the file",
        "C",
        ("kit/test_sqlite.py::test_a_second_opening_of_the_folder_is_refused_and_says_why",),
    ),
    "D10": Row("a damaged file", "N", ("kit/test_sqlite.py::test_a_file_damaged_by_an_unclean_stop_is_not_served",)),
    "D11": Row(
        "deadlocks",
        "C",
        ("kit/test_servers.py::test_operations_that_lock_each_others_rows_all_get_through",),
    ),
    "D12": Row(
        "a commit's answer is lost",
        "C",
        (
            "faults/test_lost_commits.py::test_a_commit_whose_answer_was_cut_off_is_found_by_its_client_id",
            "integration/test_unknown_commits.py::test_an_ending_that_was_written_before_is_told_as_it_was",
            _SIMULATED,
        ),
    ),
    "D13": Row(
        "failover to a stale standby",
        "R",
        ("integration/test_standby.py::test_after_a_failover_that_lost_commits_clients_begin_anew",),
    ),
    "D14": Row(
        "yesterday's backup is restored",
        "N",
        (
            "kit/test_sqlite.py::test_a_file_put_in_its_place_is_another_history",
            "cli/test_backup.py::test_after_a_restore_clients_start_from_a_snapshot_and_nothing_is_doubled",
            "webhooks/test_restored.py::test_what_was_delivered_before_the_backup_is_not_sent_again",
        ),
    ),
    "D15": Row(
        "slow fsync",
        "N",
        (
            "faults/test_slow_disk.py::test_writes_share_the_syncs_of_a_slow_disk_and_none_waits_for_the_log",
            "faults/test_failing_disk.py::test_a_slow_disk_is_made_up_for_by_committing_together",
        ),
        "writes keep the bounds; with the answers beside them, only where nothing else takes the cores",
    ),
}
E = {
    "E1": Row(
        "a slow reader",
        "C",
        (
            "conformance/test_bounds.py::test_a_reader_who_does_not_read_is_cut_and_misses_nothing",
            "realtime/test_watching.py::test_who_is_cut_while_a_message_is_told_takes_it_from_nobody_else",
        ),
    ),
    "E2": Row(
        "a reconnect storm",
        "N",
        (
            "realtime/test_watching.py::test_a_reconnect_storm_reads_from_memory",
            "faults/test_storm.py::test_five_thousand_come_back_within_half_a_minute",
            _CLUSTER + "rolling-restart",
        ),
    ),
    "E3": Row(
        "a storm while the database is slow",
        "N",
        (
            "faults/test_storm.py::test_a_storm_is_spread_over_the_time_that_it_takes",
            "faults/test_storm.py::test_a_storm_meets_a_slow_database_and_who_is_inside_goes_on",
            "doors/test_newcomers.py::test_while_what_was_missed_is_read_only_so_many_more_come_in",
        ),
    ),
    "E4": Row(
        "half-open TCP",
        "C",
        (
            "doors/test_sockets.py::test_who_does_not_answer_a_heartbeat_is_gone_and_who_does_stays",
            "faults/test_through_the_proxy.py::test_a_line_that_goes_dead_is_noticed_by_the_next_connection_only",
            _SIMULATED,
        ),
    ),
    "E5": Row(
        "one client id on many connections",
        "C",
        ("conformance/test_sending.py::test_fifty_at_once_with_one_id_are_one_message", _SIMULATED),
    ),
    "E6": Row(
        "acks are lost",
        "C",
        ("conformance/test_sending.py::test_the_same_send_again_gives_the_first_ack", _SIMULATED),
    ),
    "E7": Row(
        "the transport changes in mid-stream",
        "C",
        ("conformance/test_reading.py::test_changing_the_transport_mid_stream_loses_nothing",),
    ),
    "E8": Row("several devices, each dropping", "C", (_SIMULATED,)),
    "E9": Row(
        "a message between snapshot and subscription",
        "C",
        (
            "realtime/test_watching.py::test_a_message_committed_during_the_catch_up_is_shown_once",
            "integration/test_hearing.py::test_a_message_committed_while_redis_takes_the_subscription_is_not_missed",
        ),
    ),
    "E10": Row("impossible positions", "C", ("conformance/test_reading.py::test_an_impossible_position_begins_anew",)),
    "E11": Row(
        "a bad line", "N", ("faults/test_through_the_proxy.py::test_a_client_on_a_bad_line_sees_everything_once",)
    ),
    "E12": Row(
        "5,000 missed messages",
        "C",
        (
            "realtime/test_watching.py::test_five_thousand_missed_messages_come_in_pages_and_in_order",
            "realtime/test_watching.py::test_a_snapshot_fits_into_one_frame_however_long_the_messages",
        ),
    ),
    "E13": Row(
        "a client's clock is wrong",
        "C",
        ("channels/test_frames.py::test_a_frame_in_any_other_form_is_refused_whole",),
    ),
}
F = {
    "F1": Row("WeChat delivers thrice", "C", (_WECHAT + "f1_one_message_however_often_and_wherever_it_is_delivered",)),
    "F2": Row("events without an id", "C", (_WECHAT + "f2_who_follows_is_welcomed_once",)),
    "F3": Row("slow answers", "C", (_WECHAT + "f3_an_answer_comes_by_one_way_only",)),
    "F4": Row("our answer is lost", "C", (_WECHAT + "f4_a_lost_answer_is_given_again_word_for_word",)),
    "F5": Row("killed before the answer", "C", (_WECHAT + "f5_a_node_that_dies_before_it_answers_loses_nothing",)),
    "F6": Row("a dead token under load", "C", (_WECHAT + "f6_fifty_sends_with_a_dead_token_fetch_one_new_one",)),
    "F7": Row(
        "no token to be had",
        "C",
        (
            _WECHAT + "f7_a_token_that_is_not_to_be_had_is_not_asked_for_in_a_loop",
            _WECHAT + "f7_the_old_token_is_used_to_its_end_while_no_new_one_comes",
        ),
    ),
    "F8": Row(
        "every code of the send API",
        "C",
        (
            _WECHAT + "f8_what_could_not_be_sent_is_given_at_their_next_word",
            _WECHAT + "f8_what_was_certainly_not_sent_is_sent_again",
        ),
    ),
    "F9": Row("long answers", "C", (_WECHAT + "f9_a_long_answer_comes_in_parts_and_within_the_quota",)),
    "F10": Row("bursts", "C", (_WECHAT + "f10_a_burst_is_answered_in_order_and_the_quota_is_never_exceeded",)),
    "F11": Row(
        "a receiver is down for a day",
        "C",
        (
            _OUTAGES + "f11_a_lone_event_follows_the_schedule_until_the_receiver_is_back",
            _OUTAGES + "f11_the_first_success_pulls_the_backlog_forward_in_its_order",
        ),
    ),
    "F12": Row("down for 80 hours", "C", (_OUTAGES + "f12_after_eighty_hours_it_is_switched_off_and_replayed_once",)),
    "F13": Row("strange answers", "C", (_OUTAGES + "f13_every_manner_of_a_receiver_is_an_answer",)),
    "F14": Row("one dead among many", "C", (_OUTAGES + "f14_one_dead_endpoint_does_not_delay_ninety_nine_good_ones",)),
    "F15": Row(
        "a message that kills",
        "C",
        (
            "story/test_a_message.py::test_a_turn_that_keeps_killing_its_process_is_given_to_a_human",
            "story/test_a_message.py::test_a_fault_of_ours_is_not_silence",
        ),
    ),
    "F16": Row(
        "a document that kills", "C", ("knowledge/test_poison.py::test_whatever_befalls_the_reader_the_import_goes_on",)
    ),
}
G = {
    "G1": Row("SIGTERM under load", "C", ("conformance/test_bounds.py::test_a_drain_says_goodbye_and_loses_nothing",)),
    "G2": Row("rolling restart of three nodes", "N", (_CLUSTER + "rolling-restart",)),
    "G3": Row(
        "two versions together",
        "R",
        (
            "migrations/test_versions_together.py::test_what_a_migration_takes_from_the_version_before_it_has_a_reason",
            "migrations/test_versions_together.py::test_a_program_starts_on_the_tables_of_the_version_after",
            _VERSIONS + "both_keep_the_contract_by_their_own_suite",
            _VERSIONS + "who_speaks_at_one_and_who_watches_at_the_other_see_the_same_order",
            _VERSIONS + "a_rolling_upgrade_under_load_loses_nothing",
            _VERSIONS + "an_upgrade_may_go_back_while_its_tables_stay",
        ),
    ),
    "G4": Row(
        "a migration is interrupted",
        "N",
        ("migrations/test_migrations.py::test_a_migration_that_is_killed_is_taken_up_again",),
    ),
    "G5": Row(
        "the wall clock jumps",
        "C",
        (
            "simulation/test_clocks.py::test_wall_clocks_that_jump_and_nodes_that_die_break_no_promise",
            "engines/test_faults_house.py::test_f47_a_wall_clock_that_jumps_changes_neither_limits_nor_rests_nor_breakers",
        ),
    ),
    "G6": Row("clocks disagree", "C", ("simulation/test_clocks.py::test_clocks_that_disagree_break_no_promise",)),
    "G7": Row(
        "knowledge is published under load",
        "N",
        (
            "knowledge/test_versions.py::test_turns_that_search_while_a_version_is_published_see_one_version_each",
            "python -m bench --only p",
        ),
    ),
    "G8": Row(
        "a broken file",
        "C",
        ("knowledge/test_import.py::test_a_broken_file_is_reported_and_what_it_gave_before_stays",),
    ),
    "G9": Row(
        "keys rotate under load",
        "C",
        ("engines/test_rotation.py::test_keys_rotated_ten_times_under_load_fail_no_turn",),
    ),
    "G10": Row(
        "secrets rotate",
        "C",
        (
            "wechat/test_malformed.py::test_the_key_before_is_read_and_answered_with",
            _OUTAGES + "during_a_rotation_both_secrets_verify_and_another_does_not",
            "identity/test_rotation.py::test_in_the_overlap_both_verify_and_after_it_only_the_new_one",
            "kit/test_sealed.py::test_what_the_secret_before_sealed_opens_and_nothing_new_is_sealed_with_it",
        ),
    ),
    "G11": Row(
        "a right is withdrawn in mid-session",
        "C",
        (
            "doors/test_rights.py::test_an_agent_who_is_deactivated_in_mid_session_is_shown_out_and_a_colleague_is_not",
            "doors/test_sockets.py::test_a_key_revoked_in_mid_session_closes_its_socket_and_no_other",
            "doors/test_suspension.py::test_live_sockets_of_every_kind_are_closed_at_once_and_a_neighbours_are_not",
            "story/test_suspension.py::test_after_a_suspension_in_mid_stream_not_one_word_lands",
            "integration/test_suspending.py::test_sockets_at_both_nodes_are_closed_in_time_and_the_answer_stops",
            "integration/test_suspending.py::test_a_deletion_killed_half_way_is_ended_by_the_next_and_nobody_waits",
            "tenants/test_erasing.py::test_no_table_names_a_company_that_was_deleted_and_every_other_row_stays",
        ),
    ),
    "G12": Row(
        "a wrong configuration",
        "C",
        (
            "engines/test_board.py::test_a_changed_file_holds_in_a_running_house_and_a_wrong_one_changes_nothing",
            "settings/test_settings.py::test_a_value_out_of_bounds_is_refused_by_name",
        ),
    ),
    "G13": Row(
        "an agent takes over in mid-stream",
        "C",
        (
            "story/test_a_message.py::test_after_a_take_over_in_mid_stream_not_one_word_lands",
            "desk/test_ownership_store.py::test_any_acts_in_any_order_keep_every_promise",
            "conversations/test_operations.py::test_two_agents_at_once_only_one_gets_it",
        ),
    ),
}
H = {
    "H1": Row(
        "few files",
        "C",
        ("faults/test_few_files.py::test_over_the_limit_newcomers_are_refused_and_those_inside_go_on",),
    ),
    "H2": Row(
        "the event loop is held up",
        "C",
        (
            "story/test_a_message.py::test_a_late_event_loop_refuses_before_it_accepts",
            "kit/test_stall.py::test_who_holds_the_loop_up_is_written_down_once",
        ),
    ),
    "H3": Row(
        "little memory",
        "N",
        ("faults/test_little_left.py::test_with_little_memory_a_storm_is_shed_and_the_process_lives",),
    ),
    "H4": Row("a soak of half an hour", "N", ("miaohui bench certify --only sessions --minutes 30",)),
    "H5": Row(
        "the log cannot be written",
        "N",
        (
            "kit/test_ground.py::test_a_closed_log_stops_nothing",
            "faults/test_little_left.py::test_a_log_that_nobody_takes_stops_nothing",
        ),
    ),
    "H6": Row(
        "DNS is a black hole",
        "N",
        ("faults/test_little_left.py::test_a_resolver_that_never_answers_holds_up_only_what_goes_out",),
    ),
}

FAULTS: dict[str, Row] = {**A, **B, **C, **D, **E, **F, **G, **H}


def main() -> None:
    """Print every row."""
    for name, row in sorted(FAULTS.items(), key=lambda item: (item[0][0], int(item[0][1:]))):
        print(f"{name:4} {row.tier} {row.fault}")  # noqa: T201
        for test in row.tests:
            print(f"         {test}")  # noqa: T201
        if row.missing:
            print(f"         NOT: {row.missing}")  # noqa: T201


if __name__ == "__main__":
    main()
