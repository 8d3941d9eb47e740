#include "session/background.h"

#ifdef LEAST_ACTION_THREADS
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#ifdef __EMSCRIPTEN__
#include <emscripten/threading.h>
#endif
#else
#include "base/contract.h"
#endif

namespace least_action {

#ifdef LEAST_ACTION_THREADS

struct Background::Implementation {
  std::function<bool()> round;
  std::function<void()> publish;
  mutable std::mutex mutex;
  std::condition_variable changed;
  bool resumed = false, working = false, ending = false;  // guarded by mutex
  std::string error;                                      // guarded by mutex
  std::atomic<bool> halt{false};  // asks the loop to stop after the round at work
  std::thread thread;

  void run() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return ending || (resumed && !halt); });
      if (ending) return;
      working = true;
      lock.unlock();
      std::string failure;
      const bool more = work(failure);
      lock.lock();
      if (!more) resumed = false;
      if (!failure.empty()) error = failure;
      working = false;
      changed.notify_all();
    }
  }

  bool work(std::string& failure) {
    using Clock = std::chrono::steady_clock;
    constexpr auto kPublishEvery = std::chrono::milliseconds(20);
    bool more = true;
    try {
      Clock::time_point published = Clock::now();
      while (more && !halt) {
        more = round();
        const Clock::time_point now = Clock::now();
        if (now - published < kPublishEvery) continue;
        publish();
        published = now;
      }
      publish();
    } catch (const std::exception& exception) {
      failure = exception.what();
      more = false;
    }
    return more;
  }
};

Background::Background(std::function<bool()> round, std::function<void()> publish)
    : implementation_(std::make_unique<Implementation>()) {
  implementation_->round = std::move(round);
  implementation_->publish = std::move(publish);
  implementation_->thread = std::thread([state = implementation_.get()] { state->run(); });
}

Background::~Background() {
  pause();
  {
    const std::lock_guard<std::mutex> lock(implementation_->mutex);
    implementation_->ending = true;
  }
  implementation_->changed.notify_all();
  implementation_->thread.join();
}

bool Background::available() {
#ifdef __EMSCRIPTEN__
  return emscripten_has_threading_support() != 0;
#else
  return true;
#endif
}

void Background::resume() {
  {
    const std::lock_guard<std::mutex> lock(implementation_->mutex);
    implementation_->halt = false;
    implementation_->resumed = true;
  }
  implementation_->changed.notify_all();
}

void Background::pause() {
  implementation_->halt = true;
  std::unique_lock<std::mutex> lock(implementation_->mutex);
  implementation_->changed.wait(lock, [this] { return !implementation_->working; });
  implementation_->resumed = false;
}

bool Background::running() const {
  const std::lock_guard<std::mutex> lock(implementation_->mutex);
  return implementation_->resumed;
}

std::string Background::error() const {
  const std::lock_guard<std::mutex> lock(implementation_->mutex);
  return implementation_->error;
}

#else

struct Background::Implementation {};

Background::Background(std::function<bool()>, std::function<void()>) {
  fail("Background", "this build has no threads; ask Background::available first");
}
Background::~Background() = default;
bool Background::available() { return false; }
void Background::resume() {}
void Background::pause() {}
bool Background::running() const { return false; }
std::string Background::error() const { return {}; }

#endif

}  // namespace least_action
