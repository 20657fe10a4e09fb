/** Chats, and the templates that make a prompt of them. */
package io.rivulet.model.chat;
