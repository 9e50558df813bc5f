// What enrolment and host leave on the terminal.
#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

void Terminal::load_settings() {
  settings_.reset();
  settings_problem_.reset();
  if (const auto loaded = store_.load()) {
    settings_ = *loaded;
  } else {
    settings_problem_ = loaded.error();
    if (loaded.error() == SettingsError::storage) ++counters_.storage_errors;
  }
}

// After a failure the settings before or the new ones are in force, as the storage says.
bool Terminal::save(const Settings& settings) {
  const std::uint64_t before = settings_ ? settings_->generation : 0;
  if (const auto generation = store_.save(settings)) {
    settings_ = settings;
    settings_->generation = *generation;
    settings_problem_.reset();
    return true;
  }
  ++counters_.storage_errors;
  if (const auto loaded = store_.load()) settings_ = *loaded;
  return settings_ && settings_->generation > before;
}

// The queue keeps the site's key in each of its units; the first one is begun with it, and so is
// one after a change of site, also where a power cut came between settings and queue.
void Terminal::take_site_key() {
  if (!recovered_ || !settings_ || in_service()) return;
  if (!queue_.set_site_key(settings_->site_key)) {
    ++counters_.storage_errors;
    return;
  }
  // A host that was turned away without a word tells everything again.
  if (link_.state() == protocol::LinkState::up && !enrolling_) link_.close(now_);
}

bool Terminal::in_service() const {
  return recovered_ && settings_ && queue_.has_site_key() &&
         queue_.site_key() == settings_->site_key;
}

// At the start. Another firmware's format is no failure, and stays what it is.
bool Terminal::storage_failed() const {
  return (!recovered_ && recovered_.error() == QueueError::storage) ||
         settings_problem_ == SettingsError::storage;
}

void Terminal::run_enrolment() {
  enrolment_.poll(now_);
  if (const protocol::Grant* grant = enrolment_.to_keep()) {
    const bool other_site = queue_.has_site_key() && queue_.site_key() != grant->site_key;
    Settings wanted;
    if (settings_ && settings_->site_key == grant->site_key) wanted = *settings_;
    wanted.link_key = grant->key;
    wanted.site_key = grant->site_key;
    wanted.site = grant->site;
    // In this order, so that a power cut never leaves settings of a site that the queue cannot go
    // to: that no tap waits, the settings, the queue.
    if (other_site && queue_.waiting() != 0) {
      enrolment_.not_kept(EnrolResult::other_site);
    } else if (other_site && !queue_.record_acknowledgements()) {
      ++counters_.storage_errors;
      enrolment_.not_kept(EnrolResult::storage);
    } else if (save(wanted)) {
      take_site_key();
      prepare_due_ = true;
      enrolment_.kept();
    } else {
      enrolment_.not_kept(EnrolResult::storage);
    }
  }
  if (const auto result = enrolment_.take_result()) {
    log(Event::enrolment, static_cast<std::uint32_t>(*result));
    if (observer_) observer_->on_enrolment(*result);
  }
}

}  // namespace rollcall::firmware
