#include "api/families.hpp"

#include <prometheus/text_serializer.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace hearth::app {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void Families::add(const char* name, const char* help, MetricType type, const char* label, const Values& values) {
  MetricFamily family{name, help, type, {}};
  for (const auto& [of, value] : values) {
    ClientMetric metric;
    if (!of.empty()) metric.label.push_back({label, of});
    (type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
    family.metric.push_back(std::move(metric));
  }
  families_.push_back(std::move(family));
}

void Families::gauge_of(Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  families_.back().metric.push_back(std::move(metric));
}

void Families::counter_of(Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  families_.back().metric.push_back(std::move(metric));
}

void Families::histogram_of(Labels labels, const DurationHistogram& durations) {
  ClientMetric metric;
  metric.label = std::move(labels);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < durations.counts.size(); ++i) {
    count += durations.counts[i];
    const bool is_bound = i < durations.bounds.size();
    metric.histogram.bucket.push_back(
        {count, is_bound ? durations.bounds[i] : std::numeric_limits<double>::infinity()});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = durations.sum;
  families_.back().metric.push_back(std::move(metric));
}

std::string Families::str() const { return prometheus::TextSerializer().Serialize(families_); }

}  // namespace hearth::app
