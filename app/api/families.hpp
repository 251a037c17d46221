#pragma once

#include "hearth/metrics.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// Families of metrics, in their order, and their text.
class Families {
 public:
  /// Values of a family by what its label is.
  using Values = std::vector<std::pair<std::string, double>>;
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  void gauge(const char* name, const char* help, double value) {
    add(name, help, prometheus::MetricType::Gauge, "", {{"", value}});
  }
  void gauges(const char* name, const char* help, const char* label, const Values& values) {
    add(name, help, prometheus::MetricType::Gauge, label, values);
  }
  void counter(const char* name, const char* help, double value) {
    add(name, help, prometheus::MetricType::Counter, "", {{"", value}});
  }
  void counters(const char* name, const char* help, const char* label, const Values& values) {
    add(name, help, prometheus::MetricType::Counter, label, values);
  }
  void histogram(const char* name, const char* help, const DurationHistogram& durations) {
    histogram_family(name, help);
    histogram_of({}, durations);
  }

  /// A family whose values have several labels, or are histograms with some: those that follow are its.
  void gauge_family(const char* name, const char* help) { begin(name, help, prometheus::MetricType::Gauge); }
  void counter_family(const char* name, const char* help) { begin(name, help, prometheus::MetricType::Counter); }
  void histogram_family(const char* name, const char* help) { begin(name, help, prometheus::MetricType::Histogram); }
  void gauge_of(Labels labels, double value);
  void counter_of(Labels labels, double value);
  void histogram_of(Labels labels, const DurationHistogram& durations);

  std::string str() const;

 private:
  void begin(const char* name, const char* help, prometheus::MetricType type) {
    families_.push_back({name, help, type, {}});
  }
  void add(const char* name, const char* help, prometheus::MetricType type, const char* label, const Values& values);

  std::vector<prometheus::MetricFamily> families_{};
};

}  // namespace hearth::app
