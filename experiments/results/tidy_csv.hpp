#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/metric_log.hpp"
#include "scenarios/host/span_log.hpp"

namespace skerry::experiments {

// Comma-separated values (RFC 4180) with one header line and one fact per row. Every number reads
// back exactly: times are whole nanoseconds written in seconds, and values are the shortest text
// that gives the same double.

/// Columns name,node,step,time_s,value.
std::string metrics_csv(const std::vector<host::MetricRow>& rows);
/// One row of it, with its line end.
std::string metric_row_csv(const host::MetricRow& row);
/// Columns node,step,what,begin_s,end_s.
std::string spans_csv(const std::vector<host::Span>& spans);

/// Read what the functions above wrote.
/// Errors: `line 12: time_s: "abc" is not a time in seconds`. A last line without a line end is an
/// error, too: the file was cut.
Result<std::vector<host::MetricRow>> parse_metrics_csv(std::string_view text);
Result<std::vector<host::Span>> parse_spans_csv(std::string_view text);

/// Whole nanoseconds, written in seconds: `12.5`, `0.000000001`.
std::string seconds_text(SimTime time);

}  // namespace skerry::experiments
