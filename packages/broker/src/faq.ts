/** RocketMQ: FAQUrl#suggestTodo. Clients show it behind the sentence that says what is wrong. */
export const FAQ = '\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.';
